"""Losses of self-supervised methods with their gradients, queues, centres and schedules."""

import tensorflow as tf

from compare_gan2.pretraining.self_supervised import losses, schedules
from compare_gan2.pretraining.self_supervised.assignment import balanced_codes, swav
from compare_gan2.pretraining.self_supervised.distillation import dino, updated_centre
from compare_gan2.pretraining.self_supervised.key_queue import moco, updated_queue


def _with_gradients(name, function, arguments, suffix=""):
    """{name: value, name_grad_argument: its gradient}; the suffix of a step stays at the end."""
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        value = function(arguments)
    gradients = tape.gradient(value, arguments)
    return {name + suffix: value} | {f"{name}_grad_{key}{suffix}": gradient for key, gradient in gradients.items()}


def nt_xent(inputs, hyper):
    """At some temperatures."""
    found = {}
    for number, temperature in enumerate(hyper["temperatures"]):

        def loss(views, temperature=temperature):
            return losses.nt_xent(views["z0"], views["z1"], temperature)

        found |= _with_gradients(f"loss{number}", loss, dict(inputs))
    return found


def neg_cosine(inputs, hyper):
    """BYOL and SimSiam."""
    del hyper
    targets, found = (inputs["z0"], inputs["z1"]), {}
    for name in ("byol", "simsiam"):

        def loss(predictions, name=name):
            return getattr(losses, name)((predictions["p0"], predictions["p1"]), targets)

        found |= _with_gradients(name, loss, {key: inputs[key] for key in ("p0", "p1")})
    return found


def barlow_twins(inputs, hyper):
    """As published."""

    def loss(views):
        return losses.barlow_twins(views["z0"], views["z1"], hyper["lambda"], hyper["eps"])

    return _with_gradients("loss", loss, dict(inputs))


def vicreg(inputs, hyper):
    """The loss of published code, and its three terms."""

    def terms(views):
        found = {"invariance": losses.vicreg_invariance(views["z0"], views["z1"])}
        for name, view in views.items():
            found[f"variance_{name}"] = losses.vicreg_variance(view, hyper["eps"])
            found[f"covariance_{name}"] = losses.vicreg_covariance(view)
        return found

    def loss(views):
        found = terms(views)
        variance = (found["variance_z0"] + found["variance_z1"]) / 2.0
        covariance = found["covariance_z0"] + found["covariance_z1"]
        return hyper["lambda"] * found["invariance"] + hyper["mu"] * variance + hyper["nu"] * covariance

    return _with_gradients("loss", loss, dict(inputs)) | terms(inputs)


def swap(inputs, hyper):
    """SwAV's codes, and its loss of two whole and two local views."""

    def loss(views):
        of = {kind: [view for name, view in sorted(views.items()) if name.startswith(kind)] for kind in ("high", "low")}
        return swav(of["high"], of["low"], hyper["temperature"], hyper["epsilon"], hyper["iterations"])

    codes = {
        f"codes_{name}": balanced_codes(inputs[name], hyper["epsilon"], hyper["iterations"])
        for name in ("high0", "high1")
    }
    return codes | _with_gradients("loss", loss, dict(inputs))


def distilled(inputs, hyper):
    """DINO's loss and its centre, step by step."""
    centre, found = tf.zeros(inputs["teacher_step0"].shape[-1]), {}
    for step in range(len(inputs) // 2):
        suffix, teacher = f"_step{step}", tf.unstack(inputs[f"teacher_step{step}"])

        def loss(views, teacher=teacher, centre=centre):
            temperatures = hyper["teacher_temp"], hyper["student_temp"]
            return dino(teacher, tf.unstack(views["student"]), centre, *temperatures)

        found |= _with_gradients("loss", loss, {"student": inputs[f"student{suffix}"]}, suffix)
        found[f"center_before{suffix}"] = centre
        centre = updated_centre(centre, teacher, hyper["center_momentum"])
        found[f"center_after{suffix}"] = centre
    return found


def queued(inputs, hyper):
    """MoCo's loss and its queue, step by step."""
    queue, pointer, found = inputs["queue"], tf.constant(0, tf.int64), {}
    for step in range(len(inputs) // 2):
        suffix, keys = f"_step{step}", inputs[f"key_step{step}"]

        def loss(views, keys=keys, queue=queue):
            return moco(views["query"], keys, queue, hyper["temperature"])

        found |= _with_gradients("loss", loss, {"query": inputs[f"query{suffix}"]}, suffix)
        queue, pointer = updated_queue(queue, pointer, keys)
        found |= {f"queue_after{suffix}": queue, f"pointer_after{suffix}": pointer}
    return found


def ssl_schedules(inputs, hyper):
    """Courses of learning rates and of a teacher's momentum."""
    del inputs
    steps, first, last, course = hyper["max_steps"], hyper["start"], hyper["end"], hyper["dino"]
    later, updates = tf.range(steps + 1), course["epochs"] * course["niter"]
    warm = course["warm_epochs"] * course["niter"], course["warm0"]
    momentum = hyper["m0"], hyper["m1"]
    return {
        "cosine": schedules.cosine(later, steps, first, last),
        "cosine_warmup": schedules.warm_then_cosine(later, steps, hyper["warm"], hyper["warm0"], first, last),
        "momentum": schedules.cosine(tf.range(steps), steps, *momentum),
        "dino_cosine": schedules.linear_then_cosine(tf.range(updates), updates, *warm, course["base"], course["final"]),
        "dino_momentum": schedules.cosine(tf.range(updates), updates, *momentum, reaches_last=False),
    }


CASES = {
    "barlow_twins": barlow_twins,
    "dino": distilled,
    "moco": queued,
    "neg_cosine": neg_cosine,
    "nt_xent": nt_xent,
    "ssl_schedules": ssl_schedules,
    "swav": swap,
    "vicreg": vicreg,
}
