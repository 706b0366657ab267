"""What the `evaluate` command compares: images of a folder, file or checkpoint with those of another or a dataset."""

import pathlib

from compare_gan2 import configuration
from compare_gan2.code_version import code_version
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import DatasetOptions, get_dataset, is_name, latents, names
from compare_gan2.evaluation import sources
from compare_gan2.evaluation.image_files import of_arrays, of_folder
from compare_gan2.evaluation.real_images import holds_features, load_features
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.options import StandingStatistics
from compare_gan2.training.model_directory import ModelDirectory


class Comparison:
    """The two sides of a comparison.

    Args:
        options: parsed command line of `compare_gan2.evaluate`.
        sampler: `Sampler` of `options.model_dir`, None without one.
        network: `FeatureNetwork`, None if no metric needs one.

    Attributes:
        fake: `ImageSource` of the generated images.
        real: `ImageSource`, or `ImageSet` of kept features; None without real images.

    Raises:
        ConfigError: for images that are not there, cannot be read or cannot be compared.
    """

    def __init__(self, options, sampler, network):
        self.options = options
        self.sampler = sampler
        self.network = network
        self.manifest = None  # of kept features
        self.real = self._real_source()
        self.fake = self._fake_source()
        if self.manifest is not None:
            self._check_kept()
        elif self.real is not None:
            self._make_comparable()
        if network is not None:
            network.check_image_shape(self.fake.image_shape)

    def train(self):
        """`ImageSource` of images that the model was trained on, at most as many as generated ones."""
        dataset = self._dataset()
        count = min(self.fake.count, dataset.num_images("train"))
        return self._sized(sources.of_dataset(dataset, "train", count))

    def available(self):
        """Set of keys of `registry.NEEDS` that are met."""
        network, real, kept = self.network, self.real, self.manifest is not None
        met = {
            "fake_images": True,
            "fake_features": network is not None,
            "fake_logits": network is not None and network.num_logits,
            "fake_labels": self.fake.num_classes,
            "real_images": real is not None and not kept,
            "real_features": real is not None and network is not None,
            "real_labels": real is not None and (real.labels is not None if kept else real.num_classes),
            "class_logits": network is not None and real is not None and self._knows_classes(),
            "train_images": self.sampler is not None,
            "generator": self.sampler is not None,
            "discriminator": self.sampler is not None,
        }
        return {need for need, is_met in met.items() if is_met}

    def protocol(self):
        """{column: value} of what all rows share."""
        real, manifest = self.real, self.manifest
        common = {
            "num_real": None if real is None else real.count,
            "num_fake": self.fake.count,
            "num_runs": 1,
            "dataset": "none" if real is None else self._name(),
            "split": "none" if real is None else manifest["split"] if manifest else real.split,
            "size": self.fake.resize,
            "code_version": code_version(),
        }
        if self.sampler is None:
            return {**common, **dict.fromkeys(("weights", "bn_statistics", "truncation", "label_prior"), "unknown")}
        statistics = configuration.build(StandingStatistics).num_samples
        kinds = (latents.TrainingLatents, latents.EvaluationLatents)
        return {
            **common,
            "checkpoint": self.sampler.checkpoint.name,
            "weights": self.sampler.weights,
            "bn_statistics": f"standing_{statistics}" if self.sampler.needs_standing_statistics else "moving",
            "truncation": latents.truncation(*(configuration.build(kind) for kind in kinds)),
            "label_prior": self.sampler.label_prior,
        }

    def _real_source(self):
        given, options = self.options.real, self.options
        if given is None and self.sampler is None:
            return None
        if given is not None and pathlib.Path(given).exists():
            if self.network is not None and holds_features(given):
                image_set, self.manifest = load_features(given, self.network)
                return image_set
            return self._of_path(given, "--real", options.num_real)
        return self._sized(sources.of_dataset(self._dataset(), options.split, options.num_real))

    def _dataset(self):
        """The dataset that --real names, else that of the run."""
        options, own = self.options, configuration.build(DatasetOptions).name if self.sampler else None
        name = own if options.real is None or pathlib.Path(options.real).exists() else options.real
        if not is_name(name):
            raise ConfigError(f"--real: expected a folder, an .npz file or one of {names()}, got {name!r}")
        recorded = ModelDirectory(options.model_dir).recorded() if name == own else {}
        return get_dataset(name, options.tfds_data_dir, recorded.get("--data_fake_dataset") == "True")

    def _fake_source(self):
        sampler = self.sampler
        if sampler is None:
            return self._of_path(self.options.fake, "--fake", self.options.num_fake)
        count = self.options.num_fake or self.real.count
        source = ImageSource(
            name=sampler.checkpoint.name,
            split="none",
            count=count,
            image_shape=tuple(sampler.gan.image_shape),
            num_classes=sampler.gan.num_classes,
            batches=lambda: sampler.batches(count, "scores/0"),  # those of the run's own scores
            fingerprint=lambda: sampler.checkpoint.name,
        )
        return self._sized(source)

    def _of_path(self, path, option, count):
        if pathlib.Path(path).is_dir():
            return of_folder(path, option, count, *(self.options.size or ()))
        if not pathlib.Path(path).is_file():
            raise ConfigError(f"{option}: expected a folder or an .npz file, there is no {path}")
        return self._sized(of_arrays(path, option, count))

    def _sized(self, source):
        size = self.options.size
        if size is None or source.image_shape[:2] == (size[0], size[0]):
            return source
        return sources.resized(source, *size)

    def _make_comparable(self):
        """Refuses other sizes and classes, and numbers the classes of both sides alike."""
        fake, real = self.fake, self.real
        if fake.image_shape != real.image_shape:
            shapes = ["x".join(map(str, source.image_shape)) for source in (fake, real)]
            raise ConfigError(
                f"--fake: images are {shapes[0]}, those of --real {shapes[1]}; --size=N brings both to NxN, other"
                " channels have to be converted first"
            )
        if fake.class_names is None or real.class_names is None:
            return
        if odd := sorted(set(fake.class_names) ^ set(real.class_names)):
            raise ConfigError(f"--fake, --real: expected the same classes, only one of them has {', '.join(odd)}")
        self.fake = sources.with_labels_of(fake, real.class_names)

    def _check_kept(self):
        kept = self.manifest
        for option, expected, found in (
            ("--fake", list(self.fake.image_shape), kept["image_shape"]),
            ("--num_real", self.options.num_real or kept["count"], kept["count"]),
        ):
            if expected != found:
                raise ConfigError(
                    f"{option}: got {expected}, but the features kept in {self.options.real} are of {found}"
                )

    def _knows_classes(self):
        """Whether the network's logits are the classes that generated images were asked for."""
        own_classes = self.sampler is None or self.sampler.labels_are_classes
        return self.network.classifies == self._name() and own_classes

    def _name(self):
        return self.manifest["dataset"] if self.manifest else self.real.name
