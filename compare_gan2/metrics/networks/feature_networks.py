"""The networks that give features and logits for scores: one interface, chosen by `feature_network` in gin."""

import collections.abc
import dataclasses
import functools
from typing import Annotated

import numpy as np
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf
from compare_gan2.distribution.reproducible import seeded
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.trust import NotTrustedError
from compare_gan2.metrics.input_checks import check_finite, check_range
from compare_gan2.metrics.networks import digits, inception, tfgan_eval
from compare_gan2.metrics.networks.choices import NO_RESIZE, RECOMMENDED, InputRange, NetworkName, ResizerName
from compare_gan2.metrics.networks.resizers import resize
from compare_gan2.metrics.networks.saved_networks import keras_file, outputs_by_name, saved_model

OutputName = Annotated[str, AnyOf("names of outputs, checked when the network is loaded")]
BATCH_SIZE = 64  # images per call of a network and replica
_RANGES = {"0_1": (0.0, 1.0), "-1_1": (-1.0, 1.0), "0_255": (0.0, 255.0)}


@dataclasses.dataclass(frozen=True)
class FeatureNetwork:
    """A network that turns images into features and class logits.

    Attributes:
        name: the value of `feature_network.name` that chose it.
        num_features: width of the features.
        num_logits: width of the logits, 0 if it has none.
        image_shape: the only (height, width, channels) it takes; None if it takes all with 1 or 3 channels.
        evaluate: function: images float32 [N, H, W, C] in [0, 1] -> (features [N, num_features], logits [N,
            num_logits]), tensors.
        checksum: SHA-256 of its weights.
        resize: resizer that brings images to its size, a key of `RESIZERS`, or "none" if they are taken as they are.
        classifies: dataset whose classes the logits are, None if they are of another kind.
    """

    name: str
    num_features: int
    num_logits: int
    image_shape: tuple[int, int, int] | None
    evaluate: collections.abc.Callable
    checksum: str
    resize: str = NO_RESIZE
    classifies: str | None = None

    def check_image_shape(self, shape):
        """Raises a `ConfigError` unless the network takes images of this (height, width, channels)."""
        shape = tuple(shape)
        if self.image_shape is not None and shape != self.image_shape:
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images of shape {self.image_shape}, got {shape};"
                f" for other images bind feature_network.name = {RECOMMENDED!r}, whose weights Keras downloads"
            )
        if len(shape) != 3 or shape[-1] not in (1, 3):
            raise ConfigError(
                f"feature_network.name: {self.name!r} takes images with 1 or 3 channels, got shape {shape}"
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


@configurable("feature_network", module="compare_gan2.metrics.feature_networks")
def feature_network(
    name: NetworkName = "inception_tfgan",
    path: Annotated[str, AnyOf("paths and handles, checked when the network is loaded")] | None = None,
    resize: ResizerName | None = None,
    input_range: InputRange = "0_1",
    features_output: OutputName = "features",
    logits_output: OutputName = "logits",
):
    """The chosen `FeatureNetwork`, with its weights loaded.

    Args:
        name: "digits": the shipped classifier of 32x32x1 digits (64 features, 10 logits); "inception_tfgan": the one
            that TF-GAN publishes (2048 features, 1008 logits); "inception_v1_2015": the frozen graph of 2015 (same
            widths); "inception_keras": Keras' InceptionV3 (2048, 1000); "saved_model": a SavedModel or `.keras` file of
            your own.
        path: where its weights are. "inception_tfgan": directory of its SavedModel, or a TF-Hub handle (contains
            "://"); "inception_v1_2015": `.pb` file, its archive or directory, or an address; "inception_keras": file of
            weights; "saved_model": directory, handle or `.keras` file. None: the published place, which needs network
            access unless TF-Hub or Keras has a copy (TFHUB_CACHE_DIR, KERAS_HOME).
        resize: resizer to the network's size. None: "tf1_bilinear" for the Inceptions, no resizing otherwise.
        input_range: for "saved_model": the range it takes in place of [0, 1].
        features_output: for "saved_model": name of its output with features; a single unnamed output is features too.
        logits_output: for "saved_model": name of its output with logits; a model without it has no scores of logits.

    Raises:
        ConfigError: if `path` cannot be loaded or is another network, or for an option that the network does not use.
    """
    with seeded(0):  # layers of Keras draw initial values, which are then loaded over
        return _loaded(name, path, resize, input_range, features_output, logits_output)


def _loaded(name, path, resize, input_range, features_output, logits_output):
    if name in _INCEPTIONS:
        return _inception(name, path, resize or "tf1_bilinear")
    if name == "saved_model":
        return _own_network(path, resize, input_range, features_output, logits_output)
    if path is not None:
        raise ConfigError(f"feature_network.path: 'digits' ships with the package and takes no path, got {path!r}")
    if resize is not None:
        raise ConfigError(f"feature_network.resize: 'digits' takes images of its own size only, got {resize!r}")
    classifier = digits.load()
    evaluate = _compiled(lambda images: classifier(images, training=False))
    checksum = checksum_of_file(digits.SHIPPED_WEIGHTS)
    return FeatureNetwork(
        name, digits.NUM_FEATURES, digits.NUM_CLASSES, digits.IMAGE_SHAPE, evaluate, checksum, classifies="mnist_5k"
    )


def _compiled(function):
    """The function as one graph per shape of an image, for any number of images."""

    @functools.cache
    def for_shape(shape):
        return tf.function(function, input_signature=[tf.TensorSpec((None, *shape), tf.float32)])

    return lambda images: for_shape(tuple(images.shape[1:]))(images)


def _tfgan_advice():
    return (
        "a directory or a TF-Hub handle of TF-GAN's Inception, a SavedModel from images [N, 299, 299, 3] in [-1, 1] to"
        " a dictionary of logits [N, 1008] and pool_3 [N, 2048]. To get it, run on a machine with network access:"
        f" python -c \"import tensorflow_hub; print(tensorflow_hub.resolve('{tfgan_eval.load().INCEPTION_TFHUB}'))\","
        " copy the printed directory here and bind feature_network.path to it"
    )


def _v1_2015_advice():
    return (
        f"the frozen graph {inception.V1_2015_FILE} (input Mul:0 [N, 299, 299, 3], outputs pool_3:0 [N, 2048] and"
        " logits:0 [N, 1008]), its archive or a directory that holds it. To get it, download"
        f" {inception.V1_2015_ARCHIVE} on a machine with network access, copy it here and bind feature_network.path to"
        " it"
    )


def _keras_advice():
    return (
        "a file of the weights of keras.applications.InceptionV3 with its top (2048 features, 1000 logits). To get it,"
        ' run on a machine with network access: python -c "import keras; keras.applications.InceptionV3()", copy'
        " ~/.keras/models/inception_v3_weights_tf_dim_ordering_tf_kernels.h5 here and bind feature_network.path to it"
    )


# Name -> (loader, names and widths of features and logits, function that says how to get the weights).
_INCEPTIONS = {
    "inception_tfgan": (inception.tfgan, {"pool_3": 2048, "logits": 1008}, _tfgan_advice),
    "inception_v1_2015": (inception.v1_2015, {"pool_3:0": 2048, "logits:0": 1008}, _v1_2015_advice),
    "inception_keras": (inception.keras_imagenet, {"avg_pool": 2048, "logits": 1000}, _keras_advice),
}


def _inception(name, path, resizer):
    load, widths, advice = _INCEPTIONS[name]
    try:
        evaluate, checksum = load(path, resizer)
        outputs = evaluate(tf.zeros([1, inception.SIZE, inception.SIZE, 3]))
        for (output, width), found in zip(widths.items(), outputs, strict=True):
            if found.shape[1] != width:
                raise ValueError(f"its output {output!r} has {found.shape[1]} numbers per image, not {width}")
    except NotTrustedError:
        raise
    # Loading a damaged model, or an address without network access, can raise anything.
    except Exception as error:
        if path is None and name != RECOMMENDED:
            also = f". Or bind feature_network.name = {RECOMMENDED!r}, whose weights Keras downloads"
            raise _unusable("the published weights", error, advice() + also) from error
        raise _unusable(path or "the published weights", error, advice()) from error
    return FeatureNetwork(name, *widths.values(), None, _compiled(evaluate), checksum, resizer)


def _own_network(path, resizer, input_range, features_output, logits_output):
    if path is None:
        raise ConfigError("feature_network.path: 'saved_model' needs the directory, handle or .keras file of a model")
    advice = (
        "a SavedModel (directory or TF-Hub handle) or .keras file of a function from images [N, H, W, 1 or 3] to a"
        f" dictionary with {features_output!r} and, for scores of logits, {logits_output!r}"
        " (feature_network.features_output, feature_network.logits_output)"
    )
    try:
        network, shape, checksum = keras_file(path) if path.endswith(".keras") else saved_model(path)
        if shape is None or len(shape) != 4 or shape[3] not in (1, 3):
            raise ValueError(f"it takes an input of shape {shape}")
        evaluate = _adapted(network, shape, resizer, input_range, features_output, logits_output)
        height, width, channels = (side or 64 for side in shape[1:])
        features, logits = evaluate(tf.zeros([1, height, width, channels]))
    except NotTrustedError:
        raise
    except Exception as error:
        raise _unusable(path, error, advice) from error
    takes_any_size = None in shape[1:3]
    if resizer and takes_any_size:
        raise ConfigError(
            f"feature_network.resize: {path!r} takes images of any size, so there is nothing to resize to"
        )
    image_shape = None if resizer or takes_any_size else tuple(shape[1:])
    name = "saved_model" if input_range == "0_1" else f"saved_model[{input_range}]"
    widths = features.shape[1], logits.shape[1]
    return FeatureNetwork(name, *widths, image_shape, _compiled(evaluate), checksum, resizer or NO_RESIZE)


def _adapted(network, shape, resizer, input_range, features_output, logits_output):
    """Function of a loaded network: images in [0, 1] -> (features, logits), logits [N, 0] if it has none."""
    low, high = _RANGES[input_range]
    _, height, width, channels = shape

    def evaluate(images):
        if images.shape[3] == 1 and channels == 3:
            images = tf.repeat(images, 3, axis=-1)
        if resizer and None not in (height, width):
            images = resize(images * 255.0, height, width, resizer) / 255.0
        outputs, count = network(low + (high - low) * images), tf.shape(images)[0]
        if tf.is_tensor(outputs):
            outputs = {features_output: outputs}
        (features,) = outputs_by_name(outputs, [features_output], count)
        if logits_output not in outputs:
            return features, tf.zeros([count, 0])
        return features, outputs_by_name(outputs, [logits_output], count)[0]

    return evaluate


def _unusable(path, error, advice):
    text = " ".join(str(error).split())  # one line
    return ConfigError(f"feature_network.path: cannot use {path!r}: {type(error).__name__}: {text}. Expected {advice}")
