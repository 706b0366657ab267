"""The latent whose image comes nearest to a given one, by gradient descent through the generator."""

import dataclasses

import numpy as np
import tensorflow as tf

from compare_gan2.ground.errors import DataError
from compare_gan2.sampling.grids import shown_classes

STARTS, TOGETHER = 256, 8  # images that are drawn; those of them, the nearest ones, that descent starts from
_LEARNING_RATE = 0.1  # of Adam, falls to 0 as a half cosine
_BACK = 1e-2  # weight of the squared excess of the mean square of normal latents
_SCALES = (1, 2, 4)  # sides of the squares that differences are averaged over: colours guide before edges fit


@dataclasses.dataclass(frozen=True, eq=False)
class Projection:
    """The image of a model that is nearest to a given one.

    Attributes:
        latents: float32 [1, z_dim], for `Model.generate`.
        label: class number, None without classes.
        image: float32 [H, W, C] in [0, 1].
        start: float32 [H, W, C], the drawn image that descent came from.
        error, start_error: root mean squared differences of `image` and `start` to the given one, in [0, 1].
    """

    latents: np.ndarray
    label: int | None
    image: np.ndarray
    start: np.ndarray
    error: float
    start_error: float


def project(model, image, classes=None, *, iterations=300, seed=0, on_iteration=None):
    """`Projection` of an image.

    Images of a seed are drawn, and the latents of the nearest ones descend by Adam. What descends is the mean squared
    difference of pixels, averaged over squares of 1, 2 and 4 pixels; normal latents whose mean square exceeds that of
    their distribution are drawn back, and bounded ones stay in their interval.

    Args:
        model: `Model`.
        image: [H, W, C], uint8 in 0..255 or floats in [0, 1].
        classes: numbers or names that are tried; None for all.
        iterations: of gradient descent.
        seed: of the images that are drawn.
        on_iteration: function (number of iterations done, error of the nearest image).

    Raises:
        DataError: for an image of another size than the model's.
        ConfigError: for a class that does not exist.
    """
    image = np.asarray(image)
    if image.shape != model.image_shape:
        expected, got = ("x".join(map(str, shape)) for shape in (model.image_shape, image.shape))
        raise DataError(f"project: expected an image of {expected} (height, width, channels), got {got}")
    target = tf.constant(image / np.float32(255) if image.dtype == np.uint8 else image, tf.float32)
    latents, labels = _nearest_drawn(model, target.numpy(), classes, seed)
    vectors = None if labels is None else tf.one_hot(labels, model.num_classes)
    deviation, interval = model.latents.stddev, model.latents.interval
    variable = tf.Variable(latents)
    moments = [tf.Variable(tf.zeros_like(variable)) for _ in range(2)]

    @tf.function
    def descend(number, rate):
        with tf.GradientTape() as tape:
            images = model.generator(variable, vectors, training=False)
            loss = tf.reduce_sum(_difference(images, target))  # the sum, so that rows do not influence each other
            if interval is None:
                too_large = tf.nn.relu(tf.reduce_mean((variable - model.latents.mean) ** 2, 1) / deviation**2 - 1.0)
                loss += _BACK * tf.reduce_sum(too_large**2)
        _adam(variable, tape.gradient(loss, variable), moments, number, rate)
        if interval is not None:
            variable.assign(tf.clip_by_value(variable, *interval))
        return _errors(images, target)

    best, best_latents = np.full([len(latents)], np.inf, np.float32), latents.copy()
    for iteration in range(iterations + 1):
        before = variable.numpy()
        rate = 0.5 * _LEARNING_RATE * (1 + np.cos(np.pi * iteration / iterations))
        errors = descend(tf.constant(iteration + 1.0), tf.constant(rate, tf.float32)).numpy()
        better = errors < best
        best[better], best_latents[better] = errors[better], before[better]
        if on_iteration is not None and iteration:
            on_iteration(iteration, float(best.min()))
    row = int(best.argmin())
    label = None if labels is None else int(labels[row])
    found, start = model.generate(np.stack([best_latents[row], latents[row]]), label, "float32")
    return Projection(best_latents[row : row + 1], label, found, start, *(_rms(one, target) for one in (found, start)))


def _nearest_drawn(model, target, classes, seed):
    """(latents, labels) of the images of a seed that are nearest to the target; classes take turns."""
    labels = None
    if model.num_classes is not None:
        tried = range(model.num_classes) if classes is None else shown_classes(model, classes)
        labels = np.resize(np.asarray(tried, np.int32), max(STARTS, len(tried)))
    count = STARTS if labels is None else len(labels)
    errors = [
        np.square(images - target).mean(axis=(1, 2, 3))
        for images, _ in model.batches(count, labels, seed, dtype="float32")
    ]
    rows = np.argsort(np.concatenate(errors), kind="stable")[:TOGETHER]
    return model.draw_latents(count, seed)[rows], None if labels is None else labels[rows]


def _difference(images, target):
    """[N]: mean over the scales of the mean squared difference of averages over squares."""
    error, sides = images - target, [side for side in _SCALES if side <= min(target.shape[:2])]
    means = [error if side == 1 else tf.nn.avg_pool2d(error, side, side, "VALID") for side in sides]
    return tf.add_n([tf.reduce_mean(mean**2, [1, 2, 3]) for mean in means]) / len(means)


def _errors(images, target):
    return tf.sqrt(tf.reduce_mean((images - target) ** 2, [1, 2, 3]))


def _rms(image, target):
    return float(np.sqrt(np.mean((image - target.numpy()) ** 2)))


def _adam(variable, gradient, moments, number, rate):
    """An update of Adam (Kingma and Ba 2015) with its usual constants; Keras' own would keep names in the process."""
    first, second = moments
    first.assign(0.9 * first + 0.1 * gradient)
    second.assign(0.999 * second + 0.001 * gradient**2)
    step = (first / (1 - 0.9**number)) / (tf.sqrt(second / (1 - 0.999**number)) + 1e-8)
    variable.assign_sub(rate * step)
