"""A trained model as a value: sample from it, interpolate, ask its discriminator and its predictor of labels."""

import contextlib

import numpy as np

from compare_gan2.config.library_call import library_call
from compare_gan2.datasets.sources.array_checks import checked_images
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.runs.draws import check_whole, draw_labels, draw_latents


class Model:
    """A generator and a discriminator with their weights; make one with `compare_gan2.load`.

    Args:
        networks: `Sampler` or `SavedNetworks`, which compute.
        latents: `Latents` of scoring.
        class_names: one name per class, or None.
        distribution: probability of each class in scores; None: uniform.
        step: generator steps trained so far; None if unknown.

    Attributes:
        image_shape: (height, width, channels).
        z_dim: size of the latents.
        num_classes: None in unconditional models.
        class_names: one name per class, or None.
        step: generator steps trained so far; None if unknown.
        weights: "ema" for averaged weights, "raw" for those of the last update.
        generator: the Keras network.

    Example:
        >>> model = compare_gan2.load("runs/s3gan")
        >>> model.sample(16, labels=7, seed=0).shape
        (16, 32, 32, 1)
    """

    def __init__(self, networks, latents, class_names=None, distribution=None, step=None):
        self.sampler = networks
        self.image_shape = tuple(networks.gan.image_shape)
        self.z_dim = networks.gan.z_dim
        self.num_classes = networks.gan.num_classes
        self.class_names = class_names
        self.step = step
        self.weights = networks.weights
        self.generator = networks.generator
        self._latents, self._distribution = latents, distribution

    def __repr__(self):
        classes = "unconditional" if self.num_classes is None else f"{self.num_classes} classes"
        size = "x".join(map(str, self.image_shape))
        return f"Model({size}, {classes}, z_dim={self.z_dim}, step={self.step}, weights={self.weights!r})"

    @library_call(checks=False)
    def sample(
        self,
        count: int = 16,
        labels: int | str | list | None = None,
        seed: int = 0,
        truncation: float | None = None,
        dtype: str = "uint8",
    ) -> np.ndarray:
        """Generated images [count, H, W, C], uint8 in 0..255, or float32 in [0, 1] with `dtype="float32"`.

        Image i of a seed is the same whatever the count.

        Args:
            count: number of images.
            labels: class of all images as a number or a name, a list of `count` of these, or None to draw classes as
                for scores. Unconditional models take None only.
            seed: whole number.
            truncation: see `draws.draw_latents`; None draws latents as for scores.
            dtype: "uint8" or "float32".

        Raises:
            ConfigError: for a class that does not exist, or arguments that do not fit the model.
        """
        check_whole("count", count, 1)
        latents = draw_latents(self._latents, count, self.z_dim, seed, truncation)
        return _as(dtype, self.sampler.generate(latents, self._vectors(self._label_numbers(labels, count, seed))))

    @library_call(checks=False)
    def interpolate(
        self,
        steps: int = 8,
        labels: int | str | tuple | None = None,
        seed: int = 0,
        other_seed: int | None = None,
        truncation: float | None = None,
        dtype: str = "uint8",
    ) -> np.ndarray:
        """Images [steps, H, W, C] on the way from one image to another; values as of `sample`.

        Between latents z and z' the path is cos(a) z + sin(a) z', a from 0 to 90 degrees, on which normal latents keep
        their variance. Between two classes label vectors are mixed linearly.

        Args:
            steps: number of images, both ends included.
            labels: a class for all images, a pair of classes to move between, or None to draw one class.
            seed: of the first latents.
            other_seed: of the last latents; None keeps the first.
            truncation: as of `sample`.
            dtype: "uint8" or "float32".

        Raises:
            ConfigError: as `sample`.
        """
        check_whole("steps", steps, 2)
        way = np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]
        first = draw_latents(self._latents, 1, self.z_dim, seed, truncation)
        latents = np.repeat(first, steps, axis=0)
        if other_seed is not None:
            last = draw_latents(self._latents, 1, self.z_dim, other_seed, truncation)
            latents = np.cos(way * np.pi / 2) * first + np.sin(way * np.pi / 2) * last
        pair = labels if isinstance(labels, (tuple, list)) else (labels, labels)
        if len(pair) != 2:
            raise ConfigError(f"labels: expected one class or a pair of classes, got {labels!r}")
        ends = [self._vectors(self._label_numbers(label, 1, seed)) for label in pair]
        vectors = None if ends[0] is None else (1.0 - way) * ends[0] + way * ends[1]
        return _as(dtype, self.sampler.generate(latents.astype(np.float32), vectors))

    @library_call(checks=False)
    def discriminate(self, images: np.ndarray, labels: int | str | list | None = None) -> np.ndarray:
        """Logits float32 [N] of the discriminator, positive for real, at inference.

        Args:
            images: [N, H, W, C], uint8 in 0..255 or floats in [0, 1].
            labels: as of `sample`; -1 marks an image without a label. Unconditional models take None only.

        Raises:
            ConfigError: for images of another size, type or range, labels that are missing, or if batch norm in the
                discriminator keeps no statistics for inference.
        """
        images = self._images(images)
        if self.num_classes is not None and labels is None:
            raise ConfigError("labels: expected a class for each image, since the model is conditional; -1 for none")
        numbers = self._label_numbers(labels, len(images), 0)
        with _as_config_error("discriminate"):
            return self.sampler.discriminate(images, numbers)

    @library_call(checks=False)
    def predict_labels(self, images: np.ndarray, probabilities: bool = False) -> np.ndarray:
        """Classes int32 [N] that an S3GAN's predictor gives to images, or float32 [N, num_classes] probabilities.

        Args:
            images: [N, H, W, C], uint8 in 0..255 or floats in [0, 1].
            probabilities: return the probability of each class.

        Raises:
            ConfigError: for images of another size, type or range, or a model without a predictor.
        """
        images = self._images(images)
        with _as_config_error("predict_labels"):
            found = self.sampler.predict_labels(images)
        return found if probabilities else found.argmax(axis=1).astype(np.int32)

    def _images(self, images):
        images = np.asarray(images)
        if images.shape[1:] != self.image_shape:
            raise ConfigError(f"images: expected [N, {', '.join(map(str, self.image_shape))}], got {images.shape}")
        if not len(images):
            raise ConfigError("images: expected at least one image, got none")
        images = checked_images(images, "images")
        return images / np.float32(255) if images.dtype == np.uint8 else images.astype(np.float32)

    def _label_numbers(self, labels, count, seed):
        """int32 [count], None in unconditional models."""
        if self.num_classes is None:
            if labels is not None:
                raise ConfigError(f"labels: expected None, since the model is unconditional, got {labels!r}")
            return None
        if labels is None:
            return draw_labels(count, seed, self.num_classes, self._distribution)
        given = [labels] * count if np.ndim(labels) == 0 else list(labels)
        if len(given) != count:
            raise ConfigError(f"labels: expected one class, or {count} of them, got {len(given)}")
        return np.array([self._label_number(label) for label in given], np.int32)

    def _label_number(self, label):
        if isinstance(label, str):
            names = list(self.class_names or ())
            if label not in names:
                known = ", ".join(names) or "none, so that classes are numbers"
                raise ConfigError(
                    f"labels: expected one of the names {known}, got {label!r}{did_you_mean(label, names)}"
                )
            return names.index(label)
        if isinstance(label, bool) or not isinstance(label, (int, np.integer)) or not -1 <= label < self.num_classes:
            raise ConfigError(f"labels: expected classes from 0 to {self.num_classes - 1}, got {label!r}")
        return int(label)

    def _vectors(self, numbers):
        """Label vectors float32 [N, num_classes], zeros for -1; None in unconditional models."""
        if numbers is None:
            return None
        return (numbers[:, None] == np.arange(self.num_classes)).astype(np.float32)


@contextlib.contextmanager
def _as_config_error(name):
    """Context manager: what the networks cannot do is a `ConfigError` that names the method."""
    try:
        yield
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from error


def _as(dtype, images):
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = None
    if dtype is None or name not in ("uint8", "float32"):
        raise ConfigError(f"dtype: expected 'uint8' or 'float32', got {dtype!r}")
    if name == "float32":
        return images
    return np.rint(np.clip(images, 0.0, 1.0) * 255).astype(np.uint8)
