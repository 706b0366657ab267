"""The two sides of an evaluation: generated images, and the real ones that they are compared with."""

import os

from compare_gan2.evaluation import sources
from compare_gan2.evaluation.class_matching import matched
from compare_gan2.evaluation.needs import met_needs
from compare_gan2.evaluation.real_images import CachedFeatures, holds_features, load_features
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder import dataset_record


class Comparison:
    """Opens both sides and checks that they can be compared.

    Args:
        fake: see `evaluate`; not used if there is a sampler.
        real: see `evaluate`.
        images: `GivenImages`.
        sampler: `Sampler` of the model that generates the images; None for images from elsewhere.
        network: `FeatureNetwork`, None if no metric needs one.
        num_real, num_fake, split, classes: see `evaluate`.

    Attributes:
        fake: `ImageSource` of the generated images.
        real: `ImageSource` or `CachedFeatures` of the real images; None without any.
        classes: how their classes were matched, for the protocol.

    Raises:
        ConfigError: for images that are missing, cannot be read or cannot be compared.
    """

    def __init__(
        self,
        fake,
        real,
        images,
        *,
        sampler=None,
        network=None,
        num_real=None,
        num_fake=None,
        split="test",
        classes="same",
    ):
        self.classes = "none"
        self.sampler = sampler
        self.network = network
        self._images = images
        self._of_one_dataset = real is None
        self.real = self._open_real(real, split, num_real)
        self.fake = images.open(fake, "--fake", num_fake) if sampler is None else self._generated(num_fake)
        if isinstance(self.real, CachedFeatures):
            self._check_cached(num_real, classes)
        elif self.real is not None:
            self._make_comparable(classes)
        if network is not None:
            network.check_image_shape(self.fake.image_shape)

    @property
    def images(self):
        """Which of the given images are scored, see `Score`."""
        sides = {"real": self.real, "fake": self.fake}
        of_sides = {name: side.images for name, side in sides.items() if side is not None and side.images != "all"}
        return f"{next(iter(of_sides.values()))}: {', '.join(of_sides)}" if of_sides else "all"

    @property
    def pixels(self):
        """How pixels are taken from picture files, see `Score`."""
        return next(
            (side.pixels for side in (self.real, self.fake) if side is not None and side.pixels != "none"), "none"
        )

    def train(self, whole):
        """`ImageSource` of images that the model was trained on, all of them or at most as many as generated ones."""
        dataset = self._dataset_of_run("train")
        count = dataset.num_images("train")
        return self._images.of_dataset(dataset, "train", count if whole else min(self.fake.count, count))

    def met_needs(self):
        """Set of keys of `registry.NEEDS`."""
        return met_needs(self.network, self.real, self.fake.has_labels, self.sampler)

    def _open_real(self, given, split, count):
        if given is None and self.sampler is None:
            return None
        if given is None:
            return self._images.of_dataset(self._dataset_of_run(split), split, count)
        is_file = isinstance(given, (str, os.PathLike)) and os.path.isfile(given)
        if is_file and self.network is not None and holds_features(given):
            return load_features(given, self.network)
        return self._images.open(given, "--real", count)

    def _dataset_of_run(self, split):
        """`ImageDataset` of the run; refuses one whose images or labels of the split have changed since."""
        dataset = self._images.dataset(self.sampler.dataset_name)
        dataset_record.require_same_content(getattr(self.sampler, "dataset", None), dataset, split)
        return dataset

    def _generated(self, count):
        return self._images.sized(sources.of_sampler(self.sampler, count or self.real.count))

    def _make_comparable(self, classes):
        """Refuses other sizes and classes, and numbers the classes of both sides alike."""
        fake, real = self.fake, self.real
        if fake.image_shape != real.image_shape:
            shapes = ["x".join(map(str, source.image_shape)) for source in (fake, real)]
            raise ConfigError(
                f"--fake: images are {shapes[0]}, those of --real {shapes[1]}; --size=N brings both to NxN, other"
                " channels have to be converted first"
            )
        self.fake, self.real, self.classes = matched(fake, real, classes, self._of_one_dataset)

    def _check_cached(self, num_real, classes):
        """Refuses cached features of images of another size or number, and numbers fake classes like theirs."""
        manifest = self.real.manifest
        if classes == "common":
            raise ConfigError(f"--classes=common: expected images, got cached features {self.real.path}")
        self.fake, _, self.classes = matched(self.fake, self.real, classes)
        for option, expected, found in (
            ("--fake", list(self.fake.image_shape), manifest["image_shape"]),
            ("--num_real", num_real or manifest["count"], manifest["count"]),
        ):
            if expected != found:
                raise ConfigError(
                    f"{option}: got {expected}, but the features cached in {self.real.path} are of {found}"
                )
