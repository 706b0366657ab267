"""DiffAugment, ADA with its rule for p, APA, and the flips and shifts of consistency regularisation."""

import tensorflow as tf

from compare_gan2.augmentation import ada_draws, apa
from compare_gan2.augmentation import diffaugment as ours
from compare_gan2.augmentation.ada import transformed
from compare_gan2.augmentation.adaptive_probability import AdaptiveOptions, updated
from compare_gan2.augmentation.flip_translate import flip_translate


def diffaugment(inputs, hyper):
    """Each operation alone, and all of them with the gradient of a weighted sum."""
    del hyper
    images = inputs["images"]
    operations = {name: (inputs[f"u_{name}"],) for name in ("brightness", "saturation", "contrast")}
    operations["translation"] = inputs["translate_rows"], inputs["translate_columns"]
    operations["cutout"] = (tf.cast(inputs[f"cutout_{axis}"], tf.int32) for axis in ("rows", "columns"))
    operations = {name: tuple(draws) for name, draws in operations.items()}
    found = {name: getattr(ours, name)(images, *draws) for name, draws in operations.items()}
    with tf.GradientTape() as tape:
        tape.watch(images)
        every = images
        for name, draws in operations.items():
            every = getattr(ours, name)(every, *draws)
        total = tf.reduce_sum(every * inputs["weights"])
    return found | {"color_translation_cutout": every, "weighted_sum_grad_images": tape.gradient(total, images)}


def ada_augment(inputs, hyper):
    """Groups at some percentiles, single operations at the largest."""
    images, percentiles = inputs["images"], hyper["percentiles"]
    wanted = [(group, names, p) for group, names in hyper["groups"].items() for p in percentiles]
    single = [name for names in hyper["groups"].values() if len(names) > 1 for name in names]
    wanted += [(name, [name], percentiles[-1]) for name in single]
    found = {}
    for name, operations, percentile in wanted:
        parameters = ada_draws.at_percentile(operations, percentile, images.shape[0])
        found[f"{name}/{percentile}"] = transformed(images, parameters, inputs["noise_normal"])
    return found


def ada_p(inputs, hyper):
    """Course of p by both rules, and the mean signs and changes at each adjustment of the paper's."""
    given = {"p": hyper["p0"], "target": hyper["target"], "interval": hyper["interval"], "kimg": float(hyper["kimg"])}
    signs = tf.reduce_sum(inputs["signs"], 1)
    by_paper, by_studiogan = (_course(AdaptiveOptions(**given, rule=r), signs, hyper) for r in ("paper", "studiogan"))
    interval = hyper["interval"]
    means = tf.reduce_mean(tf.reshape(tf.cast(inputs["signs"], tf.float32), [-1, interval * hyper["batch"]]), 1)
    size = hyper["batch"] * interval / (1000.0 * hyper["kimg"])
    changes = tf.sign(means - hyper["target"]) * size
    return {"p": by_paper, "studiogan_p": by_studiogan, "r_t": means, "adjust": changes}


def _course(options, signs, hyper):
    zero = tf.constant(0, tf.int64)
    values, course = (tf.constant(options.p, tf.float32), zero, zero, zero), []
    for total in tf.unstack(tf.cast(signs, tf.int64)):
        values = updated(options, *values, total, hyper["batch"])
        course.append(values[0])
    return tf.stack(course)


def apa_mix(inputs, hyper):
    """Real images with fakes in some places."""
    return {"mixed": apa.mixed(inputs["real"], inputs["fake"], inputs["uniform"], hyper["p"])}


def cr_augment(inputs, hyper):
    """Flips, shifts, and flips followed by shifts."""
    del hyper
    images, flips = inputs["images"], inputs["flip_draw"] < 0.5
    shifts = inputs["translate_rows"], inputs["translate_columns"]
    still, none = [tf.zeros_like(shift) for shift in shifts], tf.zeros_like(flips)
    return {
        "flip": flip_translate(images, flips, *still),
        "translation": flip_translate(images, none, *shifts),
        "both": flip_translate(images, flips, *shifts),
    }


CASES = {
    "diffaugment": diffaugment,
    "ada_augment": ada_augment,
    "ada_p": ada_p,
    "apa_mix": apa_mix,
    "cr_augment": cr_augment,
}
