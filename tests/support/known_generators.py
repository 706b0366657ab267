"""Generators whose path lengths and mutual information are known, as metrics get them."""

import functools
import types

import numpy as np
import tensorflow as tf

from compare_gan2.ground.seeds import fold
from compare_gan2.metrics.samples import GeneratorAccess

BATCH = 64


def access(images, distribution, z_dim, num_labels=1, seed=3):
    """`GeneratorAccess` of a function (latents [n, z_dim], labels [n]) -> images [n, H, W, C]."""

    @functools.cache
    def drawn(purpose):
        @tf.function
        def of_number(number):
            of_labels = fold(seed, f"labels: {purpose}", number)
            labels = tf.random.stateless_uniform([BATCH], of_labels, 0, num_labels, tf.int32)
            return distribution([BATCH, z_dim], fold(seed, purpose, number)), labels

        return of_number

    def draw(purpose, number):
        return drawn(purpose)(tf.constant(number))

    latents, labels = draw("first", 0)
    return GeneratorAccess(lambda z: images(z, labels[: len(z)]), latents, labels, draw, images, distribution)


def network(features):
    """A feature network that computes features [N, F] of images, and no logits."""
    return types.SimpleNamespace(
        evaluate=lambda images: (features(images), tf.zeros([len(images), 0])), check_image_shape=lambda shape: None
    )


def linear(latents, labels=None):
    """Images [N, 12, 12, z_dim] whose channels are constant: 0.5 + 0.1 z."""
    latents = tf.convert_to_tensor(latents)
    return tf.tile(0.5 + 0.1 * latents[:, None, None, :], [1, 12, 12, 1])


def noise_table(num_labels, z_dim):
    """Normal noise [num_labels, z_dim] for a generator with noise of its own, chosen by the label."""
    return tf.constant(np.random.RandomState(0).normal(size=(num_labels, z_dim)), tf.float32)
