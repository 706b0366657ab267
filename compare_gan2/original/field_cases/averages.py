"""Moving average of weights by a half-life in images, with and without its ramp-up."""

import tensorflow as tf

from compare_gan2.training.schedules import HalfLife


def half_life(inputs, hyper):
    """Half-life, weight of the old average, and the average after each step."""
    batch, images = hyper["batch"], 1000.0 * hyper["ema_kimg"]
    weights = tf.unstack(inputs["weights"])
    with_ramp, without = (HalfLife(images=images, ramp_up=share) for share in (hyper["rampup"], None))
    steps = range(len(weights))
    return {
        "ema_nimg": tf.stack([with_ramp.images_now(step * batch) for step in steps]),
        "beta": tf.stack([1.0 - with_ramp.rate(step * batch, batch) for step in steps]),
        "ema": _course(with_ramp, weights, batch),
        "ema_no_rampup": _course(without, weights, batch),
    }


def _course(options, weights, batch):
    average, course = weights[0], []
    for step, weight in enumerate(weights):
        average += options.rate(step * batch, batch) * (weight - average)
        course.append(average)
    return tf.stack(course)


CASES = {"ema": half_life}
