import dataclasses

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, NETWORKS

from compare_gan2.architectures.base import Network
from compare_gan2.ground.errors import ConfigError

NAMES = ("biggan32", "biggan32_unconditional")


def results(network, inputs, labels):
    """Outputs, then gradients by the inputs and all variables."""

    @tf.function
    def compute():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = tf.nest.flatten(network(inputs, labels, training=True))
            loss = sum(tf.reduce_sum(tf.sin(output)) for output in outputs)
        sources = [inputs] + [v.value for v in network.trainable_variables]
        return outputs + tape.gradient(loss, sources, unconnected_gradients="zero")

    return [value.numpy() for value in compute()]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0, 1])
def test_equal_with_and_without(name, part):
    case = NETWORKS[name]
    latents, images, labels = case.values(4)
    inputs = images if part else latents
    make = case.discriminator if part else case.generator
    plain, ours = make(), make()
    ours.rematerialize()
    for actual, expected in zip(results(ours, inputs, labels), results(plain, inputs, labels), strict=True):
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-4 * max(np.abs(expected).max(), 1e-3))
    for actual, expected in zip(ours.variables, plain.variables, strict=True):  # statistics and vectors moved once
        np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5, err_msg=actual.path)


def test_blocks_are_computed_again():
    def convolutions(network, images, labels):
        @tf.function
        def gradients():
            with tf.GradientTape() as tape:
                logits = network(images, labels, training=True).logits
            return tape.gradient(logits, network.trainable_variables[0].value)

        operations = gradients.get_concrete_function().graph.get_operations()
        return sum(operation.type == "Conv2D" for operation in operations)

    _, images, labels = NETWORKS["biggan32"].values(2)
    plain, ours = NETWORKS["biggan32"].discriminator(), NETWORKS["biggan32"].discriminator()
    ours.rematerialize()
    assert convolutions(ours, images, labels) >= convolutions(plain, images, labels) + 8


@pytest.mark.parametrize("name, allowed", [("s3gan", True), ("modular_wgangp", False), ("modular_dragan_split", False)])
def test_penalties_that_differentiate_twice_are_refused(name, allowed):
    biggan = (
        "options.architecture = 'resnet_biggan_arch'",
        "resnet_biggan.Generator.ch = 2",
        "resnet_biggan.Discriminator.ch = 2",
        "resnet_biggan.Discriminator.project_y = False",
        "resnet_biggan.Discriminator.blocks_with_attention = ''",
    )
    case = dataclasses.replace(GANS[name], image_shape=(32, 32, 3), bindings=(*GANS[name].bindings, *biggan))
    gan = case.make()
    if allowed:
        gan.rematerialize()
    else:
        with pytest.raises(
            ConfigError, match="run_config.remat: .* differentiates twice, got penalty.fn = @.*_penalty"
        ):
            gan.rematerialize()


def test_a_network_without_blocks_is_refused():
    network = NETWORKS["sndcgan"].generator()
    assert isinstance(network, Network)
    with pytest.raises(ConfigError, match="run_config.remat: expected .* this generator has none"):
        network.rematerialize()
