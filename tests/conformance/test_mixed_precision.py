"""Under mixed_bfloat16 everything runs, keeps float32 variables and islands, and stays near float32."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, LAYERS, NETWORKS, NOT_THE_DEEPEST, filled

from compare_gan2.gans.heads import LinearHead
from compare_gan2.layers.normalization import NoBatchNorm
from compare_gan2.layers.spectral_norm import SpectralNorm
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

FLOAT32_OUTPUTS = (LinearHead, SpectralNorm)  # logits, and a kernel that the layer around it casts
STATISTICS = ("u_var", "moving_mean", "moving_variance")


pytestmark = pytest.mark.usefixtures("unoptimized")


@pytest.fixture
def mixed():
    """Within the test, what is built without a dtype of its own computes in bfloat16."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def assert_near(actual, expected, tolerance):
    scale = np.max(np.abs(expected))
    np.testing.assert_allclose(tf.cast(actual, tf.float32), expected, atol=tolerance * scale)


def assert_same_statistics(mixed_variables, variables):
    """What training remembers is computed in float32, from bfloat16 inputs or from a float32 kernel."""
    for actual, expected in zip(mixed_variables, variables, strict=True):
        assert actual.dtype == "float32", actual.path
        if actual.path.endswith("u_var"):
            np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-6, err_msg=actual.path)
        elif actual.path.endswith(STATISTICS):
            np.testing.assert_allclose(actual, expected, rtol=0.02, atol=0.02, err_msg=actual.path)


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, mixed):
    case = LAYERS[name]
    layer = case.built()
    keras.config.set_dtype_policy("float32")
    reference = case.built()
    values = case.values(4)
    arguments = [
        value if value is None or isinstance(layer, SpectralNorm) else tf.cast(value, tf.bfloat16) for value in values
    ]
    with tf.GradientTape() as tape:
        outputs = layer(*arguments, training=True)
        loss = tf.reduce_sum(tf.square(tf.cast(outputs, tf.float32)))
    assert outputs.dtype == (tf.float32 if isinstance(layer, FLOAT32_OUTPUTS) else tf.bfloat16)
    assert_near(outputs, reference(*values, training=True), 0.03)
    for variable, gradient in zip(
        layer.trainable_variables,
        tape.gradient(loss, [v.value for v in layer.trainable_variables]),
        strict=True,
    ):
        assert gradient.dtype == tf.float32 and np.all(np.isfinite(gradient)), variable.path
    assert_same_statistics(layer.variables, reference.variables)
    assert layer.trainable_variables or isinstance(layer, (NoBatchNorm, SpectralNorm))


@pytest.mark.parametrize("name", NOT_THE_DEEPEST)
def test_networks(name, mixed):
    case = NETWORKS[name]
    computed = case.make()
    keras.config.set_dtype_policy("float32")
    references = case.make()
    latents, images, labels = case.values(4)
    for network, reference, inputs in zip(computed, references, (latents, images), strict=True):
        assert network.compute_dtype == "bfloat16" and reference.compute_dtype == "float32"
        for actual, expected in zip(
            tf.nest.flatten(network(inputs, labels, training=True)),
            tf.nest.flatten(reference(inputs, labels, training=True)),
            strict=True,
        ):
            assert actual.dtype == tf.float32 and np.all(np.isfinite(actual))
            difference = np.sqrt(np.mean((actual - expected) ** 2))
            assert difference < 0.1 * max(np.sqrt(np.mean(expected**2)), 0.1)
        assert {variable.dtype for variable in network.variables} == {"float32"}


def momentum(adam):
    """After one step: its gradients times a constant, those of penalties included."""
    return np.concatenate([v.numpy().ravel() for v in adam.variables if v.path.endswith("_momentum")])


@pytest.mark.parametrize("name", GANS)
def test_training_step(name, mixed):
    case, ends = GANS[name], []
    for policy in ("mixed_bfloat16", "float32"):
        keras.config.set_dtype_policy(policy)
        gan = case.make()
        for part in (gan.generator, gan.discriminator, *gan.heads):
            filled(part)
        state = TrainState(gan)
        scalars = TrainStep(gan, state)((case.batch(),), tf.constant(0, tf.int64), StepRandom(0, 0))
        assert {value.dtype for value in scalars.values()} == {tf.float32}
        assert {variable.dtype for variable in state.variables().values()} <= {tf.float32, tf.int64, tf.int32}
        assert all(np.all(np.isfinite(variable.numpy())) for variable in state.variables().values())
        losses = {tag: float(value) for tag, value in scalars.items() if tag.startswith("loss/")}
        ends.append((losses, *map(momentum, (state.g_optimizer, state.d_optimizer))))
    (mixed_losses, *mixed_momenta), (losses, *momenta) = ends
    for tag, expected in losses.items():
        assert abs(mixed_losses[tag] - expected) < 0.05 * max(abs(expected), 1.0), tag
    for actual, expected in zip(mixed_momenta, momenta, strict=True):
        sizes = np.linalg.norm(actual), np.linalg.norm(expected)
        assert actual @ expected > 0.9 * sizes[0] * sizes[1] and 0.5 < sizes[0] / sizes[1] < 2


def test_a_policy_for_one_network_alone():
    case = dataclasses.replace(NETWORKS["cifar"], num_classes=None)
    generator = case.generator()
    mixed = type(generator).from_config({**generator.get_config(), "dtype": "mixed_bfloat16"})
    mixed.create_variables(z_dim=8, num_classes=None)
    assert mixed.blocks[0].conv1.compute_dtype == "bfloat16" and mixed.blocks[0].conv1.kernel.dtype == "float32"
    assert mixed(tf.zeros([1, 8])).dtype == tf.float32
