"""Losses of two views of a batch: functions of outputs [N, d], with gradients to all that is not constant.

Sources: Chen et al. 2020 (SimCLR), Grill et al. 2020 (BYOL), Chen & He 2021 (SimSiam), Zbontar et al. 2021 (Barlow
Twins), Bardes et al. 2022 (VICReg).
"""

import tensorflow as tf

NOT_COUNTED = -1e9  # a logit whose exponential is 0


def unit(rows):
    """Rows [N, d] scaled to length 1."""
    return tf.math.l2_normalize(rows, axis=-1, epsilon=1e-12)


def nt_xent(first, second, temperature):
    """Mean cross entropy of each of the 2 N rows, whose other view is to be found among all others (SimCLR).

    Args:
        first, second: [N, d], row i of both from the same image; their lengths do not matter.
        temperature: divisor of the cosines.
    """
    rows = unit(tf.concat([first, second], 0))
    logits = tf.matmul(rows, rows, transpose_b=True) / temperature
    count = tf.shape(first)[0]
    others = tf.linalg.set_diag(logits, tf.fill([2 * count], tf.cast(NOT_COUNTED, logits.dtype)))
    partners = tf.reduce_sum(unit(first) * unit(second), -1) / temperature
    return tf.reduce_mean(tf.reduce_logsumexp(others, 1)) - tf.reduce_mean(partners)


def mean_cosine(predictions, targets):
    """Mean cosine of rows [N, d] and constant rows [N, d]."""
    return tf.reduce_mean(tf.reduce_sum(unit(predictions) * tf.stop_gradient(unit(targets)), -1))


def byol(predictions, targets):
    """Squared distance of unit vectors, both ways: a pair of predictions [N, d], a pair of the teacher's outputs."""
    return 4.0 - 2.0 * mean_cosine(predictions[0], targets[1]) - 2.0 * mean_cosine(predictions[1], targets[0])


def simsiam(predictions, projections):
    """Negative cosine of predictions and of constant projections of the other view, in [-1, 1]; pairs of [N, d]."""
    return -(mean_cosine(predictions[0], projections[1]) + mean_cosine(predictions[1], projections[0])) / 2.0


def barlow_twins(first, second, off_diagonal, epsilon=1e-5):
    """Distance of the correlations of both views' features from the identity.

    Args:
        first, second: [N, d].
        off_diagonal: weight of the correlations of different features (lambda).
        epsilon: added to variances, whose divisor is N.
    """

    def standardised(rows):
        mean, variance = tf.nn.moments(rows, 0)
        return (rows - mean) * tf.math.rsqrt(variance + epsilon)

    count = tf.cast(tf.shape(first)[0], first.dtype)
    correlations = tf.matmul(standardised(first), standardised(second), transpose_a=True) / count
    diagonal = tf.linalg.diag_part(correlations)
    others = tf.linalg.set_diag(correlations, tf.zeros_like(diagonal))
    return tf.reduce_sum(tf.square(diagonal - 1.0)) + off_diagonal * tf.reduce_sum(tf.square(others))


def vicreg_invariance(first, second, summed=False):
    """Mean squared distance of two views' features [N, d], over features, too, unless `summed` adds these up."""
    distance = tf.reduce_mean(tf.square(first - second))
    return distance * tf.cast(tf.shape(first)[1], first.dtype) if summed else distance


def vicreg_variance(rows, epsilon):
    """Mean over the features of how far their deviation (divisor N-1, variance + epsilon) is below 1."""
    return tf.reduce_mean(tf.nn.relu(1.0 - tf.sqrt(tf.linalg.diag_part(_covariance(rows)) + epsilon)))


def vicreg_covariance(rows):
    """Sum of the squared covariances (divisor N-1) of different features, divided by their number."""
    covariance = _covariance(rows)
    others = tf.linalg.set_diag(covariance, tf.zeros_like(covariance[0]))
    return tf.reduce_sum(tf.square(others)) / tf.cast(tf.shape(rows)[1], rows.dtype)


def _covariance(rows):
    centred = rows - tf.reduce_mean(rows, 0)
    return tf.matmul(centred, centred, transpose_a=True) / tf.cast(tf.shape(rows)[0] - 1, rows.dtype)
