"""One sampling and one extraction per set of generated images, every metric from them; real images read only once."""

import functools

from compare_gan2.evaluation.real_images import real_images
from compare_gan2.metrics.extraction import extract
from compare_gan2.metrics.registry import settings_text
from compare_gan2.metrics.samples import ImageSet, Samples


class OnePass:
    """What a set of generated images is measured with and against.

    Args:
        metrics: list of `Metric`.
        network: `FeatureNetwork`; None if no metric needs one.
        real: `ImageSource`, or an `ImageSet` that is kept from before; None without real images.
        train: function () -> `ImageSource` of images that the model was trained on, or None; called if a metric needs
            them.
        seed: of what metrics draw.
        cache_dir: see `real_images`.
        strategy: see `extraction.extract`.

    Raises:
        ConfigError: for settings of metrics that are wrong.
    """

    def __init__(self, metrics, network, real, train=None, *, seed=0, cache_dir=None, strategy=None):
        self.metrics = metrics
        self.network = network
        self.real = real
        self.train = train
        self.seed = seed
        self.cache_dir = cache_dir
        self.strategy = strategy
        self._settings = {metric.name: settings_text(metric.settings()) for metric in metrics}

    def samples(self, metrics, batches, count, on_batch=None, model=None, purpose=None):
        """`Samples` of one set of generated images.

        Args:
            metrics: those that it is for.
            batches: see `extraction.extract`.
            count: number of generated images.
            on_batch: see `extraction.extract`.
            model: `Sampler` that the images come from, None if they come from elsewhere.
            purpose: that the model drew them for.

        Raises:
            ValueError: for images that are no images, or features that are not finite.
        """
        needs = _needs(metrics)
        fake = extract(
            batches,
            count,
            self.network if any(metric.uses_network for metric in metrics) else None,
            what="generated images",
            keep_images="fake_images" in needs,
            strategy=self.strategy,
            on_batch=on_batch,
        )
        return Samples(
            fake=fake,
            real=self._real_set,
            seed=self.seed,
            train=self._train_set if "train_images" in needs else None,
            generator=model.access(purpose) if "generator" in needs else None,
            discriminator=model.discriminate if model is not None else None,
        )

    def protocol(self, metric):
        """{column: text} of the part of a metric's protocol that is decided here."""
        network = self.network if metric.uses_network else None
        return {
            "network": network.name if network else "",
            "network_checksum": network.checksum if network else "none",
            "resize": network.resize if network else "none",
            "settings": self._settings[metric.name],
        }

    def read_real(self):
        """Reads the real images now rather than with the first `samples`, as it has a progress of its own."""
        return self._real_set

    @functools.cached_property
    def _real_set(self):
        if self.real is None or isinstance(self.real, ImageSet):
            return self.real
        return real_images(self.real, self.network, _needs(self.metrics), self.cache_dir, self.strategy)

    @functools.cached_property
    def _train_set(self):
        return real_images(self.train(), None, frozenset({"real_images"}))


def _needs(metrics):
    return frozenset().union(*(metric.needs for metric in metrics))
