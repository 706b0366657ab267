"""Numbers that follow the cosine from a first to a last value; functions of a scalar step or of an array of steps."""

import math

import tensorflow as tf


def cosine(step, steps, first, last, reaches_last=True):
    """Value at a step on half a cosine from `first` at step 0 to `last`.

    Args:
        step: number or tensor, 0 for the first update.
        steps: updates altogether.
        first, last: values.
        reaches_last: whether the last update has `last`, else the one after it would, as in the code of DINO.
    """
    intervals = max(steps - 1 if reaches_last else steps, 1)
    position = tf.minimum(tf.cast(step, tf.float32) / intervals, 1.0)
    # A single update, which is the first and the last one, has the last value.
    position = tf.maximum(position, tf.cast(steps <= 1 and reaches_last, tf.float32))
    return last - (last - first) * (tf.cos(math.pi * position) + 1.0) / 2.0


def warm_then_cosine(step, steps, warm_steps, warm_first, first, last):
    """Linear rise from `warm_first`, before the first update, to `first` at update `warm_steps`; then `cosine`."""
    step = tf.cast(step, tf.float32)
    warm = warm_first + (first - warm_first) * (step + 1.0) / max(warm_steps, 1)
    return tf.where(step < warm_steps, warm, cosine(step - warm_steps, steps - warm_steps, first, last))


def linear_then_cosine(step, steps, warm_steps, warm_first, first, last):
    """The rule of DINO's code: rises from `warm_first` at step 0; its cosine would reach `last` after the end."""
    step = tf.cast(step, tf.float32)
    warm = warm_first + (first - warm_first) * step / max(warm_steps - 1, 1)
    later = cosine(tf.maximum(step - warm_steps, 0.0), steps - warm_steps, first, last, reaches_last=False)
    return tf.where(step < warm_steps, warm, later)


def linear(step, steps, first, last):
    """Value at a step on a straight line from `first` at step 0 to `last` at `steps` and later; `last` for 0 steps."""
    share = tf.minimum(tf.cast(step, tf.float32) / steps, 1.0) if steps else 1.0
    return first + (last - first) * share
