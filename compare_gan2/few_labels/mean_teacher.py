"""A teacher whose weights are an average of the student's, and how far their predictions are apart.

Source: Tarvainen and Valpola 2017 (Mean Teacher), section 2 and appendix B.
"""

import tensorflow as tf


def decay_at(step, decay):
    """Share of the old average in update `step` = 1, 2, ...: 1/2, 2/3, ..., up to `decay`."""
    return tf.minimum(1.0 - 1.0 / (tf.cast(step, tf.float32) + 1.0), decay)


def averaged(teacher, student, step, decay):
    """A weight of the teacher after update `step`, see `decay_at`."""
    rate = tf.cast(decay_at(step, decay), student.dtype)
    return rate * teacher + (1.0 - rate) * student


def squared_distance(student, teacher):
    """Mean over images and classes of the squared difference of probabilities of two arrays of logits [N,K].

    No gradient flows to the teacher.
    """
    return tf.reduce_mean(tf.square(tf.nn.softmax(student) - tf.stop_gradient(tf.nn.softmax(teacher))))


def divergence(student, teacher):
    """Mean over images of the Kullback-Leibler divergence of the student's probabilities from the teacher's.

    Args:
        student, teacher: logits [N,K]; no gradient flows to the teacher.
    """
    log_teacher = tf.stop_gradient(tf.nn.log_softmax(teacher))
    differences = tf.exp(log_teacher) * (log_teacher - tf.nn.log_softmax(student))
    return tf.reduce_mean(tf.reduce_sum(differences, axis=1))


def sigmoid_ramp(step, length):
    """Weight exp(-5 (1 - step / length)^2), which rises to 1 at `length` and stays there."""
    done = _share(step, length)
    return tf.exp(-5.0 * tf.square(1.0 - done))


def linear_ramp(step, length):
    """Weight step / length, at most 1."""
    return _share(step, length)


def _share(step, length):
    return tf.clip_by_value(tf.cast(step, tf.float32) / max(length, 1), 0.0, 1.0) if length else tf.constant(1.0)
