"""A queue of earlier keys as further negatives: the loss of MoCo (He et al. 2020)."""

import tensorflow as tf

from compare_gan2.pretraining.self_supervised.losses import unit


def moco(queries, keys, queue, temperature):
    """Mean cross entropy of finding each query's key among itself and the queue.

    Args:
        queries: [N, d].
        keys: [N, d] of the same images, constant.
        queue: [Q, d], rows of length 1, constant.
        temperature: divisor of the cosines.
    """
    queries, keys, queue = unit(queries), tf.stop_gradient(unit(keys)), tf.stop_gradient(queue)
    partners = tf.reduce_sum(queries * keys, 1, keepdims=True)
    logits = tf.concat([partners, tf.matmul(queries, queue, transpose_b=True)], 1) / temperature
    return tf.reduce_mean(tf.reduce_logsumexp(logits, 1) - logits[:, 0])


def updated_queue(queue, pointer, keys):
    """(queue [Q, d], pointer) after the unit vectors of the keys [N, d] have replaced the oldest rows.

    Keys that do not fit before the end are dropped, and the pointer returns to 0.
    """
    size, count = queue.shape[0], keys.shape[0]
    numbers = tf.range(size) - tf.cast(pointer, tf.int32)
    is_new = (numbers >= 0) & (numbers < count)
    placed = tf.gather(unit(keys), tf.clip_by_value(numbers, 0, count - 1))
    after = tf.where(pointer + count >= size, tf.zeros_like(pointer), pointer + count)
    return tf.where(is_new[:, None], placed, queue), after
