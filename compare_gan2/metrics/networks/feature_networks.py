"""The networks that give features and logits for scores: one interface, chosen by `feature_network` in gin."""

import pathlib
from typing import Annotated

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf
from compare_gan2.distribution.reproducible import seeded
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.ground.trust import NotTrustedError
from compare_gan2.metrics.networks import efficientnet_lite, extractor_network, inception, small_classifier, tfgan_eval
from compare_gan2.metrics.networks.choices import NO_RESIZE, RECOMMENDATION, InputRange, NetworkName, ResizerName
from compare_gan2.metrics.networks.default_network import announcement, default_network
from compare_gan2.metrics.networks.network_type import BATCH_SIZE, FeatureNetwork, compiled, of_pairs  # noqa: F401
from compare_gan2.metrics.networks.resizers import resize
from compare_gan2.metrics.networks.saved_networks import keras_file, outputs_by_name, saved_model
from compare_gan2.metrics.networks.shipped import SHIPPED
from compare_gan2.run_folder import extractor_record

OutputName = Annotated[str, AnyOf("names of outputs, checked when the network is loaded")]
_RANGES = {"0_1": (0.0, 1.0), "-1_1": (-1.0, 1.0), "0_255": (0.0, 255.0)}


@configurable("feature_network", module="compare_gan2.metrics.feature_networks")
def feature_network(
    name: NetworkName | None = None,
    path: Annotated[str, AnyOf("paths and handles, checked when the network is loaded")] | None = None,
    resize: ResizerName | None = None,
    input_range: InputRange = "0_1",
    features_output: OutputName = "features",
    logits_output: OutputName = "logits",
):
    """The chosen `FeatureNetwork`, with its weights loaded.

    Args:
        name: "digits", "fashion": the shipped classifiers of 32x32x1 digits and of Fashion-MNIST (64 features, 10
            logits); "inception_tfgan": the one that TF-GAN publishes (2048 features, 1008 logits); "inception_v1_2015":
            the frozen graph of 2015 (same widths); "inception_keras": Keras' InceptionV3 (2048, 1000);
            "efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2": networks of ImageNet whose weights are a
            package (1280, 1000); "pretrained": the features of a run of `compare_gan2 pretrain`; "saved_model": a
            SavedModel or `.keras` file of your own. None: an Inception whose weights are on this machine, else
            "efficientnet_lite0" if it is installed; for a run on mnist_5k "digits", on fashion_mnist "fashion".
        path: where its weights are. "inception_tfgan", which a path alone means: directory of its SavedModel, or a
            TF-Hub handle (contains "://"); "inception_v1_2015": `.pb` file, its archive or directory, or an address;
            "inception_keras": file of weights; "pretrained": folder of the run; "saved_model": directory, handle or
            `.keras` file. None: the published place, which needs network access unless TF-Hub or Keras has a copy
            (TFHUB_CACHE_DIR, KERAS_HOME).
        resize: resizer to the network's size. None: "tf1_bilinear" for the Inceptions, "clean" for EfficientNet, no
            resizing otherwise.
        input_range: for "saved_model": the range it takes in place of [0, 1].
        features_output: for "saved_model": name of its output with features; a single unnamed output is features too.
        logits_output: for "saved_model": name of its output with logits; a model without it has no scores of logits.

    Raises:
        ConfigError: if `path` cannot be loaded or is another network, or for an option that the network does not use.
    """
    if name is None:
        name = "inception_tfgan" if path is not None else default_network()[0]
    with seeded(0):  # layers of Keras draw initial values, which are then loaded over
        return _loaded(name, path, resize, input_range, features_output, logits_output)


def _loaded(name, path, resize, input_range, features_output, logits_output):
    if name in _INCEPTIONS:
        return _inception(name, path, resize or "tf1_bilinear")
    if name == "saved_model":
        return _own_network(path, resize, input_range, features_output, logits_output)
    if name == "pretrained":
        return _extractor(path, resize)
    if path is not None:
        where = "ships with the package" if name in SHIPPED else "has its weights in a package of its own"
        raise ConfigError(f"feature_network.path: {name!r} {where} and takes no path, got {path!r}")
    if name in efficientnet_lite.MEMBERS:
        return _efficientnet(name, resize or "clean")
    if resize is not None:
        raise ConfigError(f"feature_network.resize: {name!r} takes images of its own size only, got {resize!r}")
    shipped = SHIPPED[name]
    classifier = small_classifier.load(shipped.path)
    evaluate = compiled(lambda images: classifier(images, training=False))
    checksum = checksum_of_file(shipped.path)
    widths = small_classifier.NUM_FEATURES, small_classifier.NUM_CLASSES
    shape = small_classifier.IMAGE_SHAPE
    return FeatureNetwork(name, *widths, shape, evaluate, checksum, classifies=shipped.dataset)


def _efficientnet(name, resizer):
    evaluate, checksum = efficientnet_lite.load(name, resizer)
    widths = efficientnet_lite.NUM_FEATURES, efficientnet_lite.NUM_LOGITS
    return FeatureNetwork(name, *widths, None, compiled(of_pairs(evaluate)), checksum, resizer, renames_distances=True)


def _extractor(folder, resizer):
    if folder is None:
        raise ConfigError("feature_network.path: 'pretrained' needs the folder of a run of 'compare_gan2 pretrain'")
    evaluate, checksum, width, shape = extractor_network.load(folder, resizer)
    return FeatureNetwork(
        "pretrained",
        width,
        0,
        None if resizer else shape,
        compiled(of_pairs(evaluate)),
        checksum,
        resizer or NO_RESIZE,
        channels=(1,) if shape[2] == 1 else (1, 3),
        other_images=f"{folder} was trained on such; feature_network.resize = 'clean' brings other images to that size",
        renames_distances=True,
    )


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
    if path is None and (line := announcement(name)):
        log.info(line)
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
        if path is None:
            raise _unusable("the published weights", error, f"{advice()}. Or {RECOMMENDATION}") from error
        raise _unusable(path, error, advice()) from error
    return FeatureNetwork(name, *widths.values(), None, compiled(evaluate), checksum, resizer)


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
    return FeatureNetwork(name, *widths, image_shape, compiled(evaluate), checksum, resizer or NO_RESIZE)


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
    if (pathlib.Path(path) / extractor_record.NAME).is_file():
        advice = "feature_network.name = 'pretrained' beside it, since that is a folder of 'compare_gan2 pretrain'"
    text = " ".join(str(error).split())  # one line
    return ConfigError(f"feature_network.path: cannot use {path!r}: {type(error).__name__}: {text}. Expected {advice}")
