"""One sampling and one extraction per set of generated images, shared by all metrics; real images are read once."""

import functools

from compare_gan2.evaluation.protocol import purpose_of
from compare_gan2.evaluation.real_images import real_images
from compare_gan2.metrics.extraction import extract
from compare_gan2.metrics.networks.choices import NO_RESIZE
from compare_gan2.metrics.samples import Samples


class SampleFeatures:
    """Extracts what metrics need from generated images, and holds what they are compared with.

    Args:
        metrics: list of `Metric`.
        network: `FeatureNetwork`; None if no metric needs one.
        real: `ImageSource` or `CachedFeatures`; None without real images.
        train: function (whole) -> `ImageSource` of images that the model was trained on, all of them or at most as many
            as generated ones, called if a metric needs them; None if there are none.
        seed: of everything that metrics draw.
        cache_dir: see `real_images`.
        strategy: see `extraction.extract`.
    """

    def __init__(self, metrics, network, real, train=None, *, seed=0, cache_dir=None, strategy=None):
        self.metrics = metrics
        self.network = network
        self.real = real
        self.train = train
        self.seed = seed
        self.cache_dir = cache_dir
        self.strategy = strategy

    def samples(self, metrics, fake, on_batch=None, sampler=None, repetition=0):
        """`Samples` of one set of generated images.

        Args:
            metrics: list of `Metric`, those that the samples are for.
            fake: `ImageSource` of the generated images.
            on_batch: see `extraction.extract`.
            sampler: `Sampler` that the images come from; None for another origin.
            repetition: number of the set.

        Raises:
            ValueError: for images outside [0, 1], images that are all constant, or features that are not finite.
        """
        needs = _needs(metrics)
        found = extract(
            fake.batches(),
            fake.count,
            self.network if any(metric.uses_network for metric in metrics) else None,
            what="generated images",
            keep_images="fake_images" in needs,
            strategy=self.strategy,
            on_batch=on_batch,
        )
        return Samples(
            fake=found,
            real=self._real_set,
            seed=self.seed,
            train=self._train_set if "train_images" in needs else None,
            training=self._training_set if "training_features" in needs else None,
            generator=sampler.access(purpose_of(repetition)) if "generator" in needs else None,
            discriminator=sampler.discriminate if sampler is not None else None,
            network=self.network if fake.resize == NO_RESIZE else None,
        )

    def read_real(self):
        """`ImageSet` of the real images; call it before other progress is shown, since reading shows its own."""
        needs = _needs(self.metrics)
        if "train_images" in needs:
            self._train_set  # noqa: B018, for the same reason
        if "training_features" in needs:
            self._training_set  # noqa: B018
        return self._real_set

    @functools.cached_property
    def _real_set(self):
        if self.real is None:
            return None
        return real_images(self.real, self.network, _needs(self.metrics), self.cache_dir, self.strategy)

    @functools.cached_property
    def _train_set(self):
        return real_images(self.train(False), None, frozenset({"real_images"}))

    @functools.cached_property
    def _training_set(self):
        needs = frozenset({"real_features"})
        return real_images(self.train(True), self.network, needs, self.cache_dir, self.strategy)


def _needs(metrics):
    return frozenset().union(*(metric.needs for metric in metrics))
