"""The small classifiers that the package ships; their features and logits score images that Inception does not know.

`compare_gan2.metrics.train_classifier` trained them, on the training images of one dataset each. Measured accuracy on
its test images: "digits" 98.40 % of 1,000 of `mnist_5k`, "fashion" 92.63 % of 10,000 of `fashion_mnist`.
"""

import keras
import numpy as np

from compare_gan2.distribution.reproducible import seeded

IMAGE_SHAPE = (32, 32, 1)
NUM_FEATURES = 64
NUM_CLASSES = 10
SEED = 0  # of the initial weights and the dropout of training
CONVOLUTIONS = ((16, 1), (24, 2), (24, 1), (40, 2), (40, 1))  # (channels, stride)


def small_classifier(dtype="float32"):
    """New Keras model: images [N, 32, 32, 1] in [0, 1] -> [features [N, 64], logits [N, 10]].

    Args:
        dtype: of weights and computation, independent of the global Keras policy.

    The weights that it starts from are the same each time, whatever the process has drawn.
    """
    with seeded(SEED):
        return _layers(dtype)


def _layers(dtype):
    images = keras.Input(IMAGE_SHAPE, dtype=dtype, name="images")
    hidden = images
    for index, (channels, stride) in enumerate(CONVOLUTIONS, start=1):
        hidden = keras.layers.Conv2D(
            channels,
            3,
            strides=stride,
            padding="same",
            activation="relu",
            kernel_initializer="he_normal",
            dtype=dtype,
            name=f"conv{index}",
        )(hidden)
    hidden = keras.layers.MaxPooling2D(dtype=dtype, name="pool")(hidden)  # [N, 4, 4, 40]
    hidden = keras.layers.Flatten(dtype=dtype, name="flatten")(hidden)
    hidden = keras.layers.Dense(NUM_FEATURES, kernel_initializer="he_normal", dtype=dtype, name="dense")(hidden)
    # Leaky: a plain ReLU left a third of the features at zero, which made the covariances in FID singular.
    features = keras.layers.LeakyReLU(0.1, dtype=dtype, name="features")(hidden)
    kept = keras.layers.Dropout(0.3, dtype=dtype, name="dropout")(features)
    logits = keras.layers.Dense(NUM_CLASSES, dtype=dtype, name="logits")(kept)
    return keras.Model(images, [features, logits], name="small_classifier")


def load(path):
    """The classifier in float32 with the weights of a file, such as `shipped.SHIPPED["digits"].path`.

    Raises:
        FileNotFoundError: if the file is missing.
        ValueError: if the file holds the weights of another network.
    """
    model = small_classifier()
    found = read_weights(path)
    expected = {weight.path: tuple(weight.shape) for weight in model.weights}
    got = {name: array.shape for name, array in found.items()}
    if got != expected:
        raise ValueError(f"{path}: expected the small classifier's weights {expected}, got {got}")
    for weight in model.weights:
        weight.assign(found[weight.path])
    return model


def read_weights(path):
    """{path of a weight in the model: float32 array} of a file that `train_classifier` wrote."""
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def weights(model):
    """{path: float32 array} of a classifier, rounded if it computes in higher precision."""
    return {weight.path: np.asarray(weight, np.float32) for weight in model.weights}


def accuracy(model, images, labels, batch_size=200):
    """Fraction of uint8 images 0..255 [N, 32, 32, 1] whose largest logit is that of their label."""
    predicted = [
        np.argmax(model(images[start : start + batch_size] / np.float32(255), training=False)[1], axis=1)
        for start in range(0, len(images), batch_size)
    ]
    return float(np.mean(np.concatenate(predicted) == labels))
