"""Trains a classifier that ships: `python -m compare_gan2.metrics.train_classifier --network=digits --output=FILE`.

Digits take about two minutes on 2 CPU cores. They are computed in float64 and rounded to float32 once at the end, so
that rounding differences between processors and thread counts vanish: 1 and 2 cores, AVX2 and AVX-512 gave the same
bits. Clothes take 6 minutes of CPU time in float32. The shipped file was made with one thread
(TF_NUM_INTRAOP_THREADS=1); other threads and processors round otherwise, and may end with other weights.
"""

import argparse
import collections.abc
import dataclasses
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from compare_gan2.datasets.sources import fashion_mnist, mnist_5k
from compare_gan2.metrics.networks import small_classifier
from compare_gan2.metrics.networks.shipped import SHIPPED

SEED = 0  # of the order and the distortions of the images
LEARNING_RATE = 2e-3  # peak, falls to 0 as a cosine
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.1
CHUNK = 4000  # images distorted at a time, for memory; of it follows which numbers are drawn
TOLERANCE = 1e-6  # largest difference of a weight for a training to count as reproduced


@dataclasses.dataclass(frozen=True)
class Distortions:
    """Limits of the random changes of an image.

    Attributes:
        rotation: in radians.
        shift: in pixels.
        scaling, shear: shares of the side.
        mirrored: whether half of the images are mirrored left to right.
    """

    rotation: float = 0.0
    shift: float = 0.0
    scaling: float = 0.0
    shear: float = 0.0
    mirrored: bool = False


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a classifier is trained.

    Attributes:
        load: function () -> training images uint8 [N, 32, 32, 1], labels [N], test images, labels.
        epochs: number of them.
        batch_size: divides `CHUNK`.
        distortions: `Distortions`.
        precision: type in which it is computed; weights are stored in float32.
    """

    load: collections.abc.Callable
    epochs: int
    batch_size: int
    distortions: Distortions
    precision: str


RECIPES = {
    "digits": Recipe(mnist_5k.load, 35, 80, Distortions(np.deg2rad(12.0), 2.0, 0.1, 0.15), "float64"),
    "fashion": Recipe(fashion_mnist.load, 13, 80, Distortions(mirrored=True), "float32"),
}


def main(argv=None):
    """Trains, writes the weights, prints their accuracy and whether they equal the shipped ones."""
    parser = argparse.ArgumentParser(prog="compare_gan2.metrics.train_classifier", description=__doc__.splitlines()[0])
    parser.add_argument("--network", choices=list(RECIPES), required=True, help="value of feature_network.name")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="file to write, ending in .npz")
    parser.add_argument("--epochs", type=int, help="default: as many as made the shipped file")
    options = parser.parse_args(argv)
    recipe = RECIPES[options.network]
    epochs = recipe.epochs if options.epochs is None else options.epochs
    if options.output.suffix != ".npz" or not options.output.parent.is_dir():
        parser.error(f"--output: expected a .npz file in an existing directory, got {options.output}")
    if epochs < 1:
        parser.error(f"--epochs: expected at least 1, got {epochs}")
    if recipe.load is fashion_mnist.load and not fashion_mnist.is_installed():
        parser.error(f"--network: {options.network} needs {fashion_mnist.FOLDER}: {fashion_mnist.INSTALL}")
    tf.config.set_visible_devices([], "GPU")  # GPUs add in another order
    tf.config.experimental.enable_op_determinism()
    keras.config.set_floatx(recipe.precision)  # the optimizer computes its learning rate in it
    path = SHIPPED[options.network].path
    shipped = small_classifier.read_weights(path) if path.exists() else None
    found = small_classifier.weights(train(recipe, epochs))
    np.savez(options.output, **found)
    _, _, test_images, test_labels = recipe.load()
    reached = small_classifier.accuracy(small_classifier.load(options.output), test_images, test_labels)
    print(f"{options.output}: accuracy {reached:.2%} on the {len(test_labels)} test images")
    print(comparison(found, shipped))


def train(recipe, epochs):
    """A classifier trained on the training images; deterministic."""
    random = np.random.RandomState(SEED)
    model = small_classifier.small_classifier(recipe.precision)
    images, labels, _, _ = recipe.load()
    num_classes = small_classifier.NUM_CLASSES
    targets = np.eye(num_classes)[labels] * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / num_classes
    targets = targets.astype(recipe.precision)
    steps = len(images) // recipe.batch_size
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps), weight_decay=WEIGHT_DECAY
    )
    update = _update_function(model, optimizer)
    for epoch in range(epochs):
        order = random.permutation(len(images))
        losses = []
        for chunk in np.split(order, range(CHUNK, len(order), CHUNK)):
            distorted = distort(images[chunk, ..., 0] / 255.0, random, recipe.distortions)[..., np.newaxis]
            distorted = distorted.astype(recipe.precision)
            for start in range(0, len(chunk), recipe.batch_size):
                batch = slice(start, start + recipe.batch_size)
                losses.append(float(update(distorted[batch], targets[chunk[batch]])))
        print(f"epoch {epoch + 1}/{epochs}: loss {np.mean(losses):.4f}", flush=True)
    return model


def _update_function(model, optimizer):
    optimizer.build(model.trainable_variables)

    @tf.function
    def update(images, targets):
        with tf.GradientTape() as tape:
            _, logits = model(images, training=True)
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(targets, logits))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return update


def distort(images, random, limits):
    """Images [N, H, W], each rotated, sheared, scaled and shifted by its own small random amount (bilinear).

    Args:
        images: floats.
        random: `RandomState`.
        limits: `Distortions`.
    """
    count, height, width = images.shape
    angle = random.uniform(-limits.rotation, limits.rotation, count)
    scale = random.uniform(1 - limits.scaling, 1 + limits.scaling, (count, 2))
    shear = random.uniform(-limits.shear, limits.shear, count)
    shift = random.uniform(-limits.shift, limits.shift, (count, 2))
    if limits.mirrored:
        images = np.where(random.uniform(0.0, 1.0, count)[:, None, None] < 0.5, images[..., ::-1], images)
    if not (limits.rotation or limits.shift or limits.scaling or limits.shear):
        return images
    rows = np.stack([np.cos(angle) * scale[:, 0], -np.sin(angle) * scale[:, 1] + shear], axis=1)
    columns = np.stack([np.sin(angle) * scale[:, 0], np.cos(angle) * scale[:, 1]], axis=1)
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=0).reshape(2, -1)
    offsets = grid - centre[:, np.newaxis]  # [2, H*W]
    y = np.clip(rows @ offsets + centre[0] + shift[:, :1], 0, height - 1)
    x = np.clip(columns @ offsets + centre[1] + shift[:, 1:], 0, width - 1)
    top = np.minimum(y.astype(np.int64), height - 2)
    left = np.minimum(x.astype(np.int64), width - 2)
    down, right = y - top, x - left
    flat = images.reshape(count, -1)

    def pixel(row, column):
        return np.take_along_axis(flat, row * width + column, axis=1)

    upper = pixel(top, left) * (1 - right) + pixel(top, left + 1) * right
    lower = pixel(top + 1, left) * (1 - right) + pixel(top + 1, left + 1) * right
    return (upper * (1 - down) + lower * down).reshape(images.shape)


def comparison(found, shipped):
    """One line: whether two {path: array} hold the same weights; `shipped` is None if the shipped file is missing."""
    if shipped is None:
        return "there are no shipped weights to compare with"
    if {path: array.shape for path, array in found.items()} != {path: array.shape for path, array in shipped.items()}:
        return "NOT the shipped weights: those belong to another architecture"
    largest = max(float(np.max(np.abs(found[path] - shipped[path]))) for path in shipped)
    if largest == 0:
        return "identical to the shipped weights"
    if largest <= TOLERANCE:
        return f"equal to the shipped weights to within {largest:.1e} (tolerance {TOLERANCE:.0e})"
    return f"NOT the shipped weights: the largest difference is {largest:.3g} (tolerance {TOLERANCE:.0e})"


if __name__ == "__main__":
    sys.exit(main())
