"""A student that predicts its teacher's outputs for other views: the loss of DINO (Caron et al. 2021)."""

import tensorflow as tf


def dino(teacher, student, centre, teacher_temperature, student_temperature):
    """Mean cross entropy over the pairs of a view of the teacher and another view of the student.

    Args:
        teacher: list of logits [N, K] of whole views, constant.
        student: list of logits [N, K] of the same views, then of others.
        centre: [K], subtracted from the teacher's logits, constant.
        teacher_temperature, student_temperature: divisors of the logits.
    """
    targets = [tf.stop_gradient(tf.nn.softmax((logits - centre) / teacher_temperature)) for logits in teacher]
    predictions = [tf.nn.log_softmax(logits / student_temperature) for logits in student]
    losses = [
        -tf.reduce_mean(tf.reduce_sum(target * prediction, 1))
        for number, target in enumerate(targets)
        for other, prediction in enumerate(predictions)
        if other != number
    ]
    return tf.add_n(losses) / len(losses)


def updated_centre(centre, teacher, momentum):
    """Centre [K] after a step: moved towards the mean of the teacher's logits, a list of [N, K]."""
    mean = tf.reduce_mean(tf.concat(teacher, 0), 0)
    return momentum * centre + (1.0 - momentum) * mean
