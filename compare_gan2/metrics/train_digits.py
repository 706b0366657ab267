"""Trains the digit classifier that ships as `digits.npz`: `python -m compare_gan2.metrics.train_digits --output=FILE`.

Takes about two minutes on 2 CPU cores. It computes in float64 and rounds to float32 once at the end, so that rounding
differences between processors and thread counts vanish: 1 and 2 cores, AVX2 and AVX-512 gave the same bits.
"""

import argparse
import pathlib
import sys

import keras
import numpy as np
import tensorflow as tf

from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.metrics.networks import digits

SEED = 0  # of the order and the distortions of the images
EPOCHS = 35
BATCH_SIZE = 80
LEARNING_RATE = 2e-3  # peak, falls to 0 as a cosine
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.1
MAX_ROTATION = np.deg2rad(12.0)
MAX_SHIFT = 2.0  # pixels
MAX_SCALING = 0.1
MAX_SHEAR = 0.15
TOLERANCE = 1e-6  # largest difference of a weight for a training to count as reproduced


def main(argv=None):
    """Trains, writes the weights, prints their accuracy and whether they equal the shipped ones."""
    parser = argparse.ArgumentParser(prog="compare_gan2.metrics.train_digits", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=pathlib.Path, required=True, help="file to write, ending in .npz")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"default {EPOCHS}, which made the shipped file")
    options = parser.parse_args(argv)
    if options.output.suffix != ".npz" or not options.output.parent.is_dir():
        parser.error(f"--output: expected a .npz file in an existing directory, got {options.output}")
    if options.epochs < 1:
        parser.error(f"--epochs: expected at least 1, got {options.epochs}")
    tf.config.set_visible_devices([], "GPU")  # GPUs add in another order
    tf.config.experimental.enable_op_determinism()
    keras.config.set_floatx("float64")  # the optimizer computes its learning rate in it
    shipped = digits.read_weights(digits.SHIPPED_WEIGHTS) if digits.SHIPPED_WEIGHTS.exists() else None
    found = digits.weights(train(options.epochs))
    np.savez(options.output, **found)
    _, _, test_images, test_labels = mnist_5k.load()
    reached = digits.accuracy(digits.load(options.output), test_images, test_labels)
    print(f"{options.output}: accuracy {reached:.2%} on the {len(test_labels)} test digits")
    print(comparison(found, shipped))


def train(epochs):
    """A float64 classifier trained on the 4,000 training digits; deterministic."""
    random = np.random.RandomState(SEED)
    model = digits.digit_classifier("float64")
    images, labels, _, _ = mnist_5k.load()
    images = images[..., 0] / 255.0
    targets = np.eye(digits.NUM_CLASSES)[labels] * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / digits.NUM_CLASSES
    steps = len(images) // BATCH_SIZE
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(LEARNING_RATE, epochs * steps), weight_decay=WEIGHT_DECAY
    )
    update = _update_function(model, optimizer)
    for epoch in range(epochs):
        order = random.permutation(len(images))
        distorted = distort(images[order], random)[..., np.newaxis]
        losses = []
        for step in range(steps):
            batch = slice(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
            losses.append(float(update(distorted[batch], targets[order[batch]])))
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


def distort(images, random):
    """Images [N, H, W], each rotated, sheared, scaled and shifted by its own small random amount (bilinear)."""
    count, height, width = images.shape
    angle = random.uniform(-MAX_ROTATION, MAX_ROTATION, count)
    scale = random.uniform(1 - MAX_SCALING, 1 + MAX_SCALING, (count, 2))
    shear = random.uniform(-MAX_SHEAR, MAX_SHEAR, count)
    shift = random.uniform(-MAX_SHIFT, MAX_SHIFT, (count, 2))
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
