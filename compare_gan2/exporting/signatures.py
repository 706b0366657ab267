"""What an export computes: functions of tensors with named inputs and outputs, without a fixed number of images."""

import math

import tensorflow as tf

from compare_gan2.runs.draws import counted_rows, latent_rows, truncated_rows
from compare_gan2.runs.plain_networks import PSI


def network_signatures(model, networks):
    """{name: (function, [tf.TensorSpec])}: generate, discriminate, predict_labels, as far as the model has them.

    Labels are vectors [N, num_classes]: one-hot, mixtures, or all zeros where a class is unknown; unconditional models
    have no such input. Functions return {name of the output: tensor}.

    Args:
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    latents = tf.TensorSpec([None, model.z_dim], tf.float32, name="latents")
    images = tf.TensorSpec([None, *model.image_shape], tf.float32, name="images")
    labels = [] if model.num_classes is None else [tf.TensorSpec([None, model.num_classes], tf.float32, name="labels")]

    def generate(latents, labels=None):
        return {"images": networks.generator(latents, labels, training=False)}

    def discriminate(images, labels=None):
        return {"logits": networks.judge(images, labels, training=False).logits[:, 0]}

    def predict_labels(images):
        return {"probabilities": networks.judge.predict_labels(images)}

    found = {"generate": (generate, [latents, *labels])}
    if networks.judge is not None:
        found["discriminate"] = (discriminate, [images, *labels])
    if networks.predicts_labels:
        found["predict_labels"] = (predict_labels, [images])
    return found


def judge_signature(model, networks):
    """As discriminate, with the outputs of predict_labels beside its own; None for a model without a discriminator.

    Args:
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    found = network_signatures(model, networks)
    if "predict_labels" not in found:
        return found.get("discriminate")
    (discriminate, specs), (predict_labels, _) = found["discriminate"], found["predict_labels"]
    return lambda images, labels: {**discriminate(images, labels), **predict_labels(images)}, specs


def truncating_signature(model, networks):
    """As generate, with a further input `psi` [N, 1], truncation in w, 1 for none; None if the generator has no w.

    Args:
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    if not getattr(networks.generator, "truncates_w", False):
        return None
    _, specs = network_signatures(model, networks)["generate"]

    def generate(latents, *labels_and_psi):
        *labels, psi = labels_and_psi
        return {"images": networks.generator(latents, *labels, training=False, psi=psi)}

    return generate, [*specs, tf.TensorSpec([None, 1], tf.float32, name=PSI)]


def sample_signature(model, networks):
    """(function, [tf.TensorSpec]) of `sample`, which draws as `Model.sample` does: image i of a seed is the same.

    Its inputs are seed (int64), labels (int32 [N], -1 for none) or, in unconditional models, count (int32), and for
    normal latents and truncation in w, truncation (float32), 0 for none.

    Args:
        model: `Model`.
        networks: its `BakedNetworks`.
    """
    drawn, z_dim = model.latents, model.z_dim
    conditional, in_w = model.num_classes is not None, getattr(networks.generator, "truncates_w", False)
    truncates = drawn.is_normal or in_w

    def latents_of(count, seed, truncation):
        def whole():
            return latent_rows(drawn, counted_rows(count, seed), z_dim)

        def cut():
            beyond = 0.5 * tf.math.erfc(tf.cast(truncation, tf.float64) / math.sqrt(2.0))
            return truncated_rows(drawn, counted_rows(count, seed), z_dim, beyond)

        return whole() if truncation is None or in_w else tf.cond(truncation > 0.0, cut, whole)

    def sample(seed, which, truncation=None):
        if conditional:  # a one-hot vector of any other number is all zeros, as for no label
            tf.debugging.assert_greater_equal(which, -1, "labels: expected classes from 0, or -1 for none")
            tf.debugging.assert_less(which, model.num_classes, f"labels: expected classes below {model.num_classes}")
        count = tf.size(which) if conditional else which
        labels = tf.one_hot(which, model.num_classes) if conditional else None
        latents = tf.ensure_shape(latents_of(count, seed, truncation), [None, z_dim])
        psi = {"psi": tf.where(truncation > 0.0, truncation, 1.0)} if in_w else {}
        return {"images": networks.generator(latents, labels, training=False, **psi)}

    which = tf.TensorSpec([None], tf.int32, name="labels") if conditional else tf.TensorSpec([], tf.int32, name="count")
    truncation = [tf.TensorSpec([], tf.float32, name="truncation")] if truncates else []
    return sample, [tf.TensorSpec([], tf.int64, name="seed"), which, *truncation]
