"""The networks whose features and logits the scores are computed from, behind one interface and chosen by gin."""

import collections.abc
import dataclasses
import pathlib
from typing import Literal

import numpy as np
import tensorflow as tf

from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.metrics import digits, tfgan_eval

INCEPTION_IMAGE_SIZE = 299
INCEPTION_OUTPUTS = {"logits": 1008, "pool_3": 2048}


@dataclasses.dataclass(frozen=True)
class FeatureNetwork:
    """A network that turns images into features and class logits.

    Attributes:
        name: the value of `feature_network.name` that chose it.
        num_features: width of the features.
        num_logits: width of the logits.
        image_shape: the only (height, width, channels) it takes, or None if it takes all with 1 or 3 channels.
        evaluate: float32 tensor [N, H, W, C] in [0, 1] to a pair of tensors, features and logits.
        classifies: dataset whose classes the logits are, None if of none.
    """

    name: str
    num_features: int
    num_logits: int
    image_shape: tuple[int, int, int] | None
    evaluate: collections.abc.Callable
    classifies: str | None = None

    def check_image_shape(self, shape):
        """Raises ConfigError unless the network takes images of this (height, width, channels)."""
        shape = tuple(shape)
        if self.image_shape is not None and shape != self.image_shape:
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images of shape {self.image_shape}, got {shape};"
                " for other images bind feature_network.name = 'inception_tfgan'"
            )
        if len(shape) != 3 or shape[-1] not in (1, 3):
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images with 1 or 3 channels, got shape {shape}"
            )

    def features_and_logits(self, images, batch_size=64):
        """Features [N, num_features] and logits [N, num_logits], float32 arrays.

        Args:
            images: floating-point array [N, H, W, C] in [0, 1].
            batch_size: images per call of the network; the last batch may be smaller.

        Raises:
            ConfigError: if the network does not take images of this shape.
            ValueError: if `images` is no such array, is empty, or a value is NaN or outside [0, 1].
        """
        images = np.asarray(images)
        if images.ndim != 4 or len(images) == 0 or not np.issubdtype(images.dtype, np.floating):
            raise ValueError(
                "feature network: expected floating-point images [N, H, W, C], N > 0,"
                f" got {images.dtype} of shape {images.shape}"
            )
        self.check_image_shape(images.shape[1:])
        _check_range(images)
        features = np.empty((len(images), self.num_features), np.float32)
        logits = np.empty((len(images), self.num_logits), np.float32)
        for start in range(0, len(images), batch_size):
            batch = slice(start, start + batch_size)
            features[batch], logits[batch] = self.evaluate(tf.constant(images[batch], tf.float32))
        return features, logits


@configurable("feature_network", module="compare_gan2.metrics.feature_networks")
def feature_network(name: Literal["digits", "inception_tfgan"] = "inception_tfgan", path: str | None = None):
    """The chosen `FeatureNetwork`, with its weights loaded.

    Args:
        name: "digits", the shipped classifier of 32x32x1 digits (64 features, 10 logits), or "inception_tfgan", the
            Inception that TF-GAN publishes (2048 features, 1008 logits) and that FID and Inception score are named for.
        path: for "inception_tfgan" a directory with its SavedModel, or a TF-Hub handle (contains "://"); None means
            the handle that TF-GAN names, which needs network access.

    Raises:
        ConfigError: if `path` cannot be loaded, is not that network, or is given for a network that takes none.
    """
    if name == "inception_tfgan":
        return FeatureNetwork(
            name, INCEPTION_OUTPUTS["pool_3"], INCEPTION_OUTPUTS["logits"], None, _load_inception(path)
        )
    if path is not None:
        raise ConfigError(f"feature_network.path: 'digits' ships with the package and takes no path, got {path!r}")
    classifier = digits.load()

    @tf.function(input_signature=[tf.TensorSpec((None, *digits.IMAGE_SHAPE), tf.float32)])
    def evaluate(images):
        return classifier(images, training=False)

    return FeatureNetwork(name, digits.NUM_FEATURES, digits.NUM_CLASSES, digits.IMAGE_SHAPE, evaluate, "mnist_5k")


def _check_range(images):
    """Raises ValueError naming the first image with a value that is NaN or outside [0, 1]."""
    inside = ((images >= 0) & (images <= 1)).reshape(len(images), -1).all(axis=1)  # False for NaN
    if inside.all():
        return
    first = int(np.argmin(inside))
    values = "NaN" if np.isnan(images[first]).any() else f"values from {images[first].min()} to {images[first].max()}"
    raise ValueError(
        f"feature network: expected images in [0, 1]; {np.sum(~inside)} of {len(images)} are not,"
        f" the first is image {first} with {values}"
    )


def inception_input(images):
    """Images float32 [N, H, W, 1 or 3] in [0, 1] as the published Inception wants them, [N, 299, 299, 3] in [-1, 1).

    Bilinear as TensorFlow 1 did it, without half-pixel centres or antialiasing, then (x - 128) / 128 of values up to
    255: the preparation of TF-GAN's examples and of the first compare_gan. Newer resizing shifts FID.
    """
    if images.shape[-1] == 1:
        images = tf.repeat(images, 3, axis=-1)
    resized = tf.raw_ops.ResizeBilinear(
        images=images * 255.0,
        size=[INCEPTION_IMAGE_SIZE, INCEPTION_IMAGE_SIZE],
        align_corners=False,
        half_pixel_centers=False,
    )
    return (resized - 128.0) / 128.0


def _load_inception(path):
    """Function from images in [0, 1] to (pool_3, logits) of the SavedModel at a directory or handle."""
    handle = tfgan_eval.load().INCEPTION_TFHUB if path is None else path
    try:
        module = _load_saved_model(handle)
        network = module if callable(module) else _serving_function(module)
        evaluate = _inception_function(network)
        evaluate(tf.zeros([1, INCEPTION_IMAGE_SIZE, INCEPTION_IMAGE_SIZE, 3]))
    # What loading a damaged SavedModel, or a handle without network, raises depends on the damage.
    except Exception as error:
        default = tfgan_eval.load().INCEPTION_TFHUB
        raise ConfigError(
            f"feature_network.path: cannot use {handle!r}: {type(error).__name__}: {error}. Expected a directory or a"
            " TF-Hub handle of TF-GAN's Inception, a SavedModel from images [N, 299, 299, 3] in [-1, 1] to a dictionary"
            " of logits [N, 1008] and pool_3 [N, 2048]. To get it, run on a machine with network access: python -c"
            f" \"import tensorflow_hub; print(tensorflow_hub.resolve('{default}'))\", copy the printed directory here"
            " and bind feature_network.path to it"
        ) from error
    return evaluate


def _load_saved_model(handle):
    if "://" in handle:
        import tensorflow_hub  # slow to import, and a local directory does without it

        return tensorflow_hub.load(handle)
    if not pathlib.Path(handle).is_dir():
        raise FileNotFoundError("there is no such directory")
    return tf.saved_model.load(handle)


def _serving_function(module):
    """The default signature of a SavedModel without `__call__`, as a function of one tensor."""
    signature = module.signatures.get("serving_default")
    if signature is None:
        raise ValueError("the SavedModel can neither be called nor has it a signature 'serving_default'")
    inputs = list(signature.structured_input_signature[1])
    if len(inputs) != 1:
        raise ValueError(f"the signature 'serving_default' takes {sorted(inputs)}, not one tensor of images")
    return lambda images: signature(**{inputs[0]: images})


def _inception_function(network):
    def evaluate(images):
        outputs = network(inception_input(images))
        flat = {}
        for name, width in INCEPTION_OUTPUTS.items():
            if not isinstance(outputs, collections.abc.Mapping) or name not in outputs:
                given = sorted(outputs) if isinstance(outputs, collections.abc.Mapping) else type(outputs).__name__
                raise ValueError(f"it has no output {name!r}, only {given}")
            flat[name] = tf.reshape(outputs[name], [len(images), -1])
            if flat[name].shape[1] != width:
                raise ValueError(f"its output {name!r} has {flat[name].shape[1]} numbers per image, not {width}")
        return flat["pool_3"], flat["logits"]

    return evaluate
