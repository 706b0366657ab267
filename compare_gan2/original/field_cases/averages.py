"""Moving average of weights by a half-life in images, with and without its ramp-up."""

import tensorflow as tf

from compare_gan2.training.schedules import HalfLife


def half_life(inputs, hyper):
    """Half-life, weight of the old average, and the average after each step."""
    batch, images = hyper["batch"], 1000.0 * hyper["ema_kimg"]
    with_ramp, without = (HalfLife(images=images, ramp_up=share) for share in (hyper["rampup"], None))
    before = tf.range(hyper["steps"]) * batch  # images before each step
    return {
        "ema_nimg": with_ramp.images_now(before),
        "beta": 1.0 - with_ramp.rate(before, batch),
        "ema": _course(with_ramp, inputs["weights"], before, batch),
        "ema_no_rampup": _course(without, inputs["weights"], before, batch),
    }


def _course(options, weights, before, batch):
    rates = tf.broadcast_to(options.rate(before, batch), before.shape)
    moved = lambda average, step: average + step[0] * (step[1] - average)  # noqa: E731
    return tf.scan(moved, (rates, weights), weights[0])


CASES = {"ema": half_life}
