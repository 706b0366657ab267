"""Distribution alignment: predictions are scaled so that their mean approaches a target distribution.

Source: Berthelot et al. 2020 (ReMixMatch), section 3.1.
"""

import tensorflow as tf

EPSILON = 1e-6


def aligned(probabilities, mean, target):
    """Probabilities [N,K] times target / mean, both [K], scaled to sum to 1 for each image."""
    scaled = probabilities * (target + EPSILON) / (mean + EPSILON)
    return scaled / tf.reduce_sum(scaled, axis=1, keepdims=True)


def moving_mean(mean, batch_mean, decay, is_first):
    """Mean prediction [K] after a batch: the batch's own at first, then decay * mean + (1 - decay) * batch_mean."""
    return tf.where(is_first, batch_mean, decay * mean + (1.0 - decay) * batch_mean)


def updated_ring(ring, batch_mean, step):
    """Means [L,K] of the last L batches, that of batch `step` = 0, 1, ... in place of the oldest; zeros at first."""
    row = tf.one_hot(tf.cast(step, tf.int64) % ring.shape[0], ring.shape[0], dtype=ring.dtype)[:, None]
    return row * batch_mean + (1.0 - row) * ring
