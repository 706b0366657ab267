"""A feature network as a value: what it takes, what it gives, and how its scores name it."""

import collections.abc
import dataclasses
import functools

import numpy as np
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.input_checks import check_finite, check_range
from compare_gan2.metrics.networks.choices import NO_RESIZE, RECOMMENDATION

BATCH_SIZE = 64  # images per call of a network and replica


@dataclasses.dataclass(frozen=True)
class FeatureNetwork:
    """A network that turns images into features and class logits.

    Attributes:
        name: the value of `feature_network.name` that chose it.
        num_features: width of the features.
        num_logits: width of the logits, 0 if it has none.
        image_shape: the only (height, width, channels) it takes; None if it takes all heights and widths.
        evaluate: function: images float32 [N, H, W, C] in [0, 1] -> (features [N, num_features], logits [N,
            num_logits]), tensors.
        checksum: SHA-256 of its weights.
        resize: resizer that brings images to its size, a key of `RESIZERS`, or "none" if they are taken as they are.
        classifies: dataset whose classes the logits are, None if they are of another kind.
        channels: numbers of channels it takes, where `image_shape` is None.
        other_images: end of the message that refuses images of another shape, the way out.
        renames_distances: whether the rows of FID and KID have other names, since their features are of another network
            than those of published values; see `Row.elsewhere`.
    """

    name: str
    num_features: int
    num_logits: int
    image_shape: tuple[int, int, int] | None
    evaluate: collections.abc.Callable
    checksum: str
    resize: str = NO_RESIZE
    classifies: str | None = None
    channels: tuple[int, ...] = (1, 3)
    other_images: str = f"for other images {RECOMMENDATION}"
    renames_distances: bool = False

    def check_image_shape(self, shape):
        """Raises a `ConfigError` unless the network takes images of this (height, width, channels)."""
        shape = tuple(shape)
        if self.image_shape is not None and shape != self.image_shape:
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images of shape {self.image_shape}, got {shape};"
                f" {self.other_images}"
            )
        if self.image_shape is None and (len(shape) != 3 or shape[-1] not in self.channels):
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images with {' or '.join(map(str, self.channels))}"
                f" channel{'s' if self.channels != (1,) else ''}, got shape {shape}"
            )

    def features_and_logits(self, images, batch_size=BATCH_SIZE):
        """Features [N, num_features] and logits [N, num_logits], float32 arrays.

        Args:
            images: floating-point array [N, H, W, C] in [0, 1].
            batch_size: images per call of the network; the last batch may be smaller.

        Raises:
            ConfigError: if the network does not take images of this shape.
            ValueError: if `images` is another array, is empty, a value is NaN or outside [0, 1], or a feature is not
                finite.
        """
        images = np.asarray(images)
        if images.ndim != 4 or len(images) == 0 or not np.issubdtype(images.dtype, np.floating):
            raise ValueError(
                "feature network: expected floating-point images [N, H, W, C], N > 0,"
                f" got {images.dtype} of shape {images.shape}"
            )
        self.check_image_shape(images.shape[1:])
        check_range(images)
        parts = [
            self.evaluate(tf.constant(images[start : start + batch_size], tf.float32))
            for start in range(0, len(images), batch_size)
        ]
        features, logits = (np.concatenate([np.asarray(part[i]) for part in parts]) for i in range(2))
        check_finite(features, "features")
        check_finite(logits, "logits")
        return features, logits


def of_pairs(function):
    """The function of images, which never gets one image alone.

    For one, TensorFlow multiplies matrices another way: its features would differ by rounding from those among others.
    """

    def evaluate(images):
        count = tf.shape(images)[0]
        padded = tf.pad(images, [[0, tf.maximum(2 - count, 0)], [0, 0], [0, 0], [0, 0]])
        return [output[:count] for output in function(padded)]

    return evaluate


def compiled(function):
    """The function as one graph per shape of an image, for any number of images."""

    @functools.cache
    def for_shape(shape):
        return tf.function(function, input_signature=[tf.TensorSpec((None, *shape), tf.float32)])

    return lambda images: for_shape(tuple(images.shape[1:]))(images)
