"""A threshold for each class, lower where fewer images have reached it so far.

Source: Zhang et al. 2021 (FlexMatch), section 3. A memory holds the last confident label of each image, -1 for none;
labels in it are overwritten and never removed, as in the authors' program.
"""

import tensorflow as tf


def thresholds(threshold, status):
    """Threshold of each class [K]: the highest one times beta / (2 - beta), with status beta [K] in [0, 1]."""
    return threshold * status / (2.0 - status)


def updated_memory(memory, index, labels, mask):
    """Memory int [M] with the labels of those images of a batch that the mask selects.

    Of an image that is in a batch twice, the later row counts.

    Args:
        memory: int [M], label of each image, -1 for none.
        index: int [N], which images these are.
        labels: int [N].
        mask: [N], above 0 for an image whose label is stored.
    """
    number = tf.range(tf.shape(index)[0])
    same = tf.equal(index[:, None], index[None]) & (mask > 0)[None] & (number[:, None] < number[None])
    written = (mask > 0) & ~tf.reduce_any(same, axis=1)
    found = tf.where(written, tf.cast(labels, memory.dtype) + 1, tf.zeros_like(memory[:1]))
    # A maximum, since a scatter with equal indices has no order; here at most one row of each image is above 0.
    latest = tf.math.unsorted_segment_max(found, index, memory.shape[0])
    return tf.where(latest > 0, latest - 1, memory)


def updated_status(status, memory, warm_up=True):
    """Status [K] of the classes: how many images have each label, relative to the most frequent one.

    Unchanged while one value fills the whole memory.

    Args:
        status: [K] before.
        memory: int [M], -1 for an image without a label so far.
        warm_up: whether images without a label count as one more class in the denominator.
    """
    counts = tf.math.unsorted_segment_sum(tf.ones(memory.shape, status.dtype), memory + 1, status.shape[0] + 1)
    largest = tf.reduce_max(counts if warm_up else counts[1:])
    fresh = counts[1:] / tf.maximum(largest, 1)
    return tf.where(tf.reduce_max(counts) < memory.shape[0], fresh, status)
