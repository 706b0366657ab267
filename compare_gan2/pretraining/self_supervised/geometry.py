"""How features spread on the sphere: alignment and uniformity (Wang & Isola 2020)."""

import tensorflow as tf

from compare_gan2.pretraining.self_supervised.losses import NOT_COUNTED, unit


def alignment(first, second):
    """Mean squared distance, in [0, 4], of the unit vectors of two views [N, d] of the same images; 0: the same."""
    return 2.0 - 2.0 * tf.reduce_mean(tf.reduce_sum(unit(first) * unit(second), 1))


def uniformity(rows):
    """Logarithm of the mean of exp(-2 squared distance) over pairs of different rows [N, d] as unit vectors.

    0 if all rows are the same; the more evenly they spread, the lower, down to about -4 in many dimensions.
    """
    count = tf.shape(rows)[0]
    cosines = tf.matmul(unit(rows), unit(rows), transpose_b=True)
    exponents = tf.linalg.set_diag(4.0 * cosines - 4.0, tf.fill([count], NOT_COUNTED))
    pairs = tf.cast(count * (count - 1), tf.float32)
    return tf.reduce_logsumexp(exponents) - tf.math.log(pairs)
