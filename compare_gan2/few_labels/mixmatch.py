"""Interpolation of images and of labels, those of unlabelled images guessed from two views.

Source: Berthelot et al. 2019 (MixMatch), section 3.
"""

import tensorflow as tf


def guessed(first, second, temperature):
    """(mean probabilities [N,K] of two views, the same sharpened); no gradient flows through them.

    Args:
        first, second: logits [N,K].
        temperature: above 0; the lower, the surer.
    """
    mean = tf.stop_gradient((tf.nn.softmax(first) + tf.nn.softmax(second)) / 2)
    return mean, sharpened(mean, temperature)


def sharpened(probabilities, temperature):
    """Probabilities [N,K] raised to 1 / temperature, scaled to sum to 1 for each image."""
    powers = probabilities ** (1.0 / temperature)
    return powers / tf.reduce_sum(powers, axis=1, keepdims=True)


def mixed(values, partners, share):
    """Rows [N, ...] interpolated with those of their partners: `share` of a row's own, the rest of its partner's."""
    return share * values + (1.0 - share) * partners


def larger_share(draw):
    """A row's own share for a draw in [0, 1]: at least 1/2, so that a mixed row stays mostly itself."""
    return tf.maximum(draw, 1.0 - draw)


def losses(logits, targets, num_labelled):
    """(cross entropy of the first rows, mean squared distance of probabilities and targets in the others).

    Args:
        logits, targets: [N,K].
        num_labelled: number of the rows that come from labelled images.
    """
    supervised = tf.nn.softmax_cross_entropy_with_logits(targets[:num_labelled], logits[:num_labelled])
    distances = tf.square(tf.nn.softmax(logits[num_labelled:]) - targets[num_labelled:])
    return tf.reduce_mean(supervised), tf.reduce_mean(distances)
