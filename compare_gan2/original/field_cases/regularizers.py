"""LeCam, consistency and orthogonal regularisation with their gradients."""

import tensorflow as tf

from compare_gan2.gans.consistency import distance
from compare_gan2.gans.lecam import LeCam
from compare_gan2.gans.orthogonal import Orthogonal

STARTS = {"official_biggan": 1000.0, "studiogan": 7777.0}  # initial anchors


def lecam(inputs, hyper):
    """Anchors and terms step by step, by the rules of three programs."""
    given = {"weight": hyper["lambda"], "decay": hyper["decay"]}
    found = {}
    for name, start in STARTS.items():
        options = LeCam(start_step=hyper["start"], initial_anchor=start, **given)
        found |= _course(name, options, [start, start], inputs, hyper["start"])
    return found | _course("official_stylegan2", LeCam(bias_corrected=True, **given), [0.0, 0.0, 0.0], inputs, -1)


def _course(name, options, values, inputs, start):
    rows = []
    for step in range(inputs["d_real"].shape[0]):
        real, fake = inputs["d_real"][step], inputs["d_fake"][step]
        with tf.GradientTape() as tape:
            tape.watch([real, fake])
            values = options.updated(values, [tf.reduce_mean(real), tf.reduce_mean(fake)], step)
            anchors = options.anchors(values)
            distance = options.distance(real, fake, *anchors)
            term = options.weight * distance * float(step > start)
        rows.append([*anchors, distance, term, *tape.gradient(term, [real, fake])])
    tags = ("anchor_real", "anchor_fake", "reg_unscaled", "term", "term_grad_real", "term_grad_fake")
    return {f"{name}/{tag}": tf.stack(series) for tag, series in zip(tags, zip(*rows, strict=True), strict=True)}


def consistency(inputs, hyper):
    """Terms of CR, bCR and zCR on outputs of one head or of two, whose terms are added."""
    found = {}
    for name, heads in {"plain": ["adv"], "ac": ["adv", "cls"], "embed": ["adv", "embed"]}.items():

        def between(first, second, heads=heads):
            return tf.add_n([distance(inputs[f"{first}/{head}"], inputs[f"{second}/{head}"]) for head in heads])

        terms = {
            "cr": lambda between=between: hyper["cr_lambda"] * between("real", "real_aug"),
            "bcr": lambda between=between: (
                hyper["real_lambda"] * between("real", "real_aug") + hyper["fake_lambda"] * between("fake", "fake_aug")
            ),
            "zcr_d": lambda between=between: hyper["d_lambda"] * between("fake", "fake_zeps"),
        }
        for term, function in terms.items():
            found |= _with_gradients(f"{name}/{term}", function, inputs)
    images = [inputs["images_fake"], inputs["images_fake_zeps"]]
    return found | _with_gradients("zcr_g", lambda: -hyper["g_lambda"] * distance(*images), inputs)


def _with_gradients(name, function, inputs):
    """{name: value, name_grad/input: its gradient for each input that it depends on}."""
    with tf.GradientTape() as tape:
        tape.watch(list(inputs.values()))
        value = function()
    gradients = tape.gradient(value, inputs)
    return {name: value} | {f"{name}_grad/{key}": g for key, g in gradients.items() if g is not None}


def orthogonal(inputs, hyper):
    """The term of each kernel, its gradient, and the gradient that BigGAN-PyTorch adds."""
    del hyper
    found = {}
    for name, kernel in inputs.items():
        for key, options in (("value_grad", Orthogonal()), ("grad_unscaled", Orthogonal(half_gradient=True))):
            with tf.GradientTape() as tape:
                tape.watch(kernel)
                value = options.term_of_kernel(kernel)
            found[f"{name}_{key}"] = tape.gradient(value, kernel)
        found[f"{name}_value"] = Orthogonal().term_of_kernel(kernel)
    return found


CASES = {"consistency": consistency, "lecam": lecam, "orthogonal": orthogonal}
