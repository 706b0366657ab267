"""Gradient penalties differentiate twice: their gradients for weights equal numerical differences in every layer."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import LAYERS, NETWORKS, Gan, filled

from compare_gan2.gans.penalties import r1_r2
from compare_gan2.layers import attention
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.resampling import mean_pool
from compare_gan2.layers.weighted import KernelLayer

STEP = 2e-3


def numerical(function, variables, directions):
    """Derivative of `function` along directions of the variables, by central differences."""
    start, ends = [tf.identity(v) for v in variables], []
    for sign in (1, -1):
        for variable, value, direction in zip(variables, start, directions, strict=True):
            variable.assign(value + sign * STEP * direction)
        ends.append(float(function()))
    for variable, value in zip(variables, start, strict=True):
        variable.assign(value)
    return (ends[0] - ends[1]) / (2 * STEP)


def assert_derivative(function, variables):
    """The gradient of `function`, a tape's and that of differences, along a random direction."""
    random = np.random.RandomState(1)
    directions = [random.standard_normal(v.shape).astype(np.float32) for v in variables]
    with tf.GradientTape() as tape:
        value = function()
    gradients = tape.gradient(value, variables, unconnected_gradients="zero")
    ours = sum(float(tf.reduce_sum(g * d)) for g, d in zip(gradients, directions, strict=True))
    expected = numerical(function, variables, directions)
    assert ours == pytest.approx(expected, rel=2e-2, abs=1e-3 * max(1.0, abs(float(value))))


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, monkeypatch):
    monkeypatch.setattr(attention, "max_pool", mean_pool)  # at whose kinks a squared gradient jumps
    case = LAYERS[name]
    layer = case.built()
    for part in inner_layers(layer, KernelLayer):
        part.spectral_norm = None  # whose singular vectors are constants to a gradient and move in a difference
    inputs = [value for value in case.values(4) if value is not None]
    state = [v.value for v in layer.variables if not v.trainable]
    start = [tf.identity(v) for v in state]
    weights = None

    def slope():
        """Squared norm of the gradient of a weighted sum of outputs for all inputs."""
        nonlocal weights
        for variable, value in zip(state, start, strict=True):  # power iterations and averages start at the same place
            variable.assign(value)
        given = iter(inputs)
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(*[None if shape is None else next(given) for shape in case.shapes(4)], training=True)
            weights = tf.random.stateless_normal(outputs.shape, [1, 2]) if weights is None else weights
            total = tf.reduce_sum(outputs * weights)
        gradients = tape.gradient(total, inputs, unconnected_gradients="zero")
        return tf.add_n([tf.reduce_sum(tf.square(g)) for g in gradients])

    variables = [v.value for v in layer.trainable_variables]
    assert_derivative(slope, variables) if variables else slope()


def test_penalty_of_a_discriminator():
    gan = Gan("ModularGAN", ("ModularGAN.conditional = True",)).make()
    filled(gan.discriminator)
    labels = tf.one_hot([0, 1, 2, 0], 3)
    images = tf.random.stateless_uniform([2, 4, 8, 8, 3], [3, 4])

    def penalty():
        return r1_r2(
            discriminate=lambda x, fake=False: gan.judge(x, labels).logits, images=images[0], fake_images=images[1]
        )

    assert_derivative(penalty, [v.value for v in gan.discriminator.trainable_variables])


@pytest.mark.parametrize("name", ["r3gan", "stylegan2"])
def test_penalty_of_networks_that_are_trained_with_it(name, monkeypatch):
    monkeypatch.setattr(tf.nn, "leaky_relu", lambda x, alpha: alpha * x + (1 - alpha) * tf.nn.softplus(x))
    case = NETWORKS[name]
    discriminator = case.discriminator()
    _, images, labels = case.values(4)

    def penalty():
        return r1_r2(
            discriminate=lambda x, fake=False: discriminator(x, labels, training=True).logits,
            images=images,
            fake_images=1.0 - images,
        )

    assert_derivative(penalty, [v.value for v in discriminator.trainable_variables])
