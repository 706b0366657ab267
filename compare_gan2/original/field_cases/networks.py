"""R3GAN and StyleGAN2 with recorded weights: images, logits, losses and the norms of their gradients.

Hyper-parameters hold the name of the case and its `parameters`, whose values follow from both.
"""

import functools
import json
import zlib

import numpy as np
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.gans.path_length import path_lengths
from compare_gan2.gans.penalties import squared_slopes

OF_NETWORKS = {"g/": "generator/", "d/": "discriminator/"}


def r3gan(inputs, hyper):
    """Images, logits, penalties, and both losses with the norms of their gradients."""
    generator, discriminator = _networks(json.dumps(hyper))
    classes = hyper["classes"]
    labels = tf.one_hot(inputs["labels"], classes) if classes else None
    judged = lambda images: discriminator(_unsigned(images), labels, training=True).logits[:, 0]  # noqa: E731
    real = inputs["images_real"]
    fake = 2.0 * generator(inputs["z"], labels, training=True) - 1.0

    def d_loss():
        slopes = squared_slopes(judged, real) + squared_slopes(judged, fake)
        return tf.reduce_mean(tf.nn.softplus(judged(fake) - judged(real)) + 0.5 * hyper["gamma"] * slopes)

    def g_loss():
        made = 2.0 * generator(inputs["z"], labels, training=True) - 1.0
        return tf.reduce_mean(tf.nn.softplus(judged(real) - judged(made)))

    return {
        "images_fake": fake,
        "logits_real": judged(real),
        "logits_fake": judged(fake),
        "r1_per_example": squared_slopes(judged, real),
        "r2_per_example": squared_slopes(judged, fake),
        **_with_norms("d", d_loss, discriminator, hyper),
        **_with_norms("g", g_loss, generator, hyper),
    }


def stylegan2(inputs, hyper):
    """w with and without truncation, images, logits, R1, both losses and path lengths with norms of gradients."""
    generator, discriminator = _networks(json.dumps(hyper))
    labels = tf.one_hot(inputs["labels"], hyper["classes"]) if hyper["classes"] else None
    judged = lambda images: discriminator(_unsigned(images), labels, training=True).logits[:, 0]  # noqa: E731
    real, num_ws = inputs["images_real"], generator.num_ws

    def styles():
        return [generator.mapping(inputs["z"], labels)] * num_ws

    ws = {"psi1": styles()}
    ws["psi"] = generator.truncated(ws["psi1"], hyper["psi"])
    ws["psi_cutoff"] = generator.truncated(ws["psi1"], hyper["psi"], hyper["cutoff"])
    fake = generator.synthesize(ws["psi1"])
    silence = generator.synthesize(ws["psi1"], lambda name, side: tf.zeros([1, side, side]))

    def d_loss():
        adversarial = tf.reduce_mean(tf.nn.softplus(judged(fake))) + tf.reduce_mean(tf.nn.softplus(-judged(real)))
        return adversarial + 0.5 * hyper["r1_gamma"] * tf.reduce_mean(squared_slopes(judged, real))

    def g_loss():
        return tf.reduce_mean(tf.nn.softplus(-judged(generator.synthesize(styles()))))

    def path():
        lengths = path_lengths(generator, styles(), inputs["pl_noise"])
        mean = hyper["pl_mean0"] + hyper["pl_decay"] * (tf.reduce_mean(lengths) - hyper["pl_mean0"])
        return lengths, mean, tf.square(lengths - mean)

    lengths, mean, penalties = path()
    return {
        "w": ws["psi1"][0],
        **{f"ws_{name}": tf.stack(values, 1)[:2] for name, values in ws.items()},
        **{f"images_{name}": generator.synthesize(values)[:4] for name, values in ws.items()},
        "images_no_noise": silence[:4],
        "logits_real": judged(real),
        "logits_fake": judged(fake),
        "r1_per_example": squared_slopes(judged, real),
        **_with_norms("d", d_loss, discriminator, hyper),
        **_with_norms("g", g_loss, generator, hyper),
        "pl_lengths": lengths,
        "pl_mean_after": mean,
        "pl_penalty_per_example": penalties,
        "pl_grad_norms": _with_norms("g", lambda: tf.reduce_mean(path()[2]), generator, hyper)["g_grad_norms"],
    }


def _with_norms(player, function, network, hyper):
    """{loss, norms of its gradients for the network's recorded parameters, in their order}."""
    by_path = {variable.path: variable.value for variable in network.trainable_variables}
    names = [name for name in hyper[f"{player}_parameters"]]
    variables = [by_path[_path(name)] for name in names]
    with tf.GradientTape() as tape:
        loss = function()
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    return {f"{player}_loss": loss, f"{player}_grad_norms": tf.stack([tf.norm(gradient) for gradient in gradients])}


@functools.cache
def _networks(hyper):
    """(generator, discriminator) with the recorded weights; hyper-parameters as JSON."""
    hyper = json.loads(hyper)
    with tf.init_scope():
        generator, discriminator = _NETWORKS["psi" in hyper](hyper)
        variables = {v.path: v for network in (generator, discriminator) for v in network.variables}
        given = {_path(name): name for name in hyper["parameters"]}
        if given.keys() != variables.keys():
            different = sorted(given.keys() ^ variables.keys())
            raise ValueError(f"{hyper['case']}: variables that are not on both sides: {', '.join(different)}")
        for path, name in given.items():
            variables[path].assign(_value(hyper["case"], name, *hyper["parameters"][name]))
    return generator, discriminator


def _r3gan_networks(hyper):
    sizes = {"width": hyper["width"], "cardinality": hyper["card"], "blocks": hyper["blocks"]}
    sizes["expansion"] = hyper["exp"]
    shape = {"image_shape": (hyper["resolution"], hyper["resolution"], 3), "num_classes": hyper["classes"] or None}
    of_d = {"project_y": bool(hyper["classes"]), "embed_y_dim": hyper.get("de") or None}
    return (
        architectures.make_generator(
            "r3gan_arch", z_dim=hyper["z"], embed_y_dim=hyper.get("ge") or None, **sizes, **shape
        ),
        architectures.make_discriminator("r3gan_arch", **sizes, **of_d, **shape),
    )


def _stylegan2_networks(hyper):
    sizes = {name: hyper[name] for name in ("channel_base", "channel_max", "mapping_layers")}
    shape = {"image_shape": (hyper["resolution"], hyper["resolution"], 3), "num_classes": hyper["classes"] or None}
    of_d = {"group_size": hyper["mbstd_group"], "project_y": bool(hyper["classes"])}
    return (
        architectures.make_generator("stylegan2_arch", z_dim=hyper["z"], w_dim=hyper["w"], **sizes, **shape),
        architectures.make_discriminator("stylegan2_arch", **sizes, **of_d, **shape),
    )


_NETWORKS = {False: _r3gan_networks, True: _stylegan2_networks}


def _path(name):
    """Path of our variable of a recorded name."""
    return OF_NETWORKS[name[:2]] + name[2:]


def _value(case, name, shape, scale, offset):
    """Value of a parameter: it follows from case and name, as the recorder had it."""
    random = np.random.RandomState(zlib.crc32(f"field/value/{case}/{name}".encode()) & 0x7FFFFFFF)
    return np.asarray(offset + scale * random.standard_normal(tuple(shape)), np.float32)


def _unsigned(images):
    return 0.5 * (images + 1.0)


CASES = {"r3gan": r3gan, "stylegan2": stylegan2}
