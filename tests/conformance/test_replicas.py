"""Two replicas with half a batch each compute what one device computes on the whole, and their copies stay equal."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS, LAYERS, NETWORKS, NOT_THE_DEEPEST

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

pytestmark = pytest.mark.usefixtures("unoptimized")


def mirrored():
    strategy, _ = get_strategy()
    assert strategy.num_replicas_in_sync == 2
    return strategy


@pytest.fixture
def smooth(monkeypatch):
    """Every ReLU without its bend, where rounding alone, of another processor or batch, can move a whole gradient."""
    monkeypatch.setattr(tf.nn, "relu", tf.nn.softplus)
    monkeypatch.setattr(tf.nn, "leaky_relu", lambda x, alpha: alpha * x + (1 - alpha) * tf.nn.softplus(x))


def halves(strategy, values):
    """Each replica's half of a batch, for every tensor in a list."""

    def half(value):
        size = value.shape[0] // 2
        return strategy.experimental_distribute_values_from_function(
            lambda context: value[context.replica_id_in_sync_group * size :][:size]
        )

    return [None if value is None else half(value) for value in values]


def assert_equal_copies(strategy, variables):
    for variable in variables:
        first, second = strategy.experimental_local_results(variable)
        np.testing.assert_array_equal(first, second, err_msg=variable.name)


def outputs_and_gradients(layer, values, weights):
    variables = [v.value for v in layer.trainable_variables]
    with tf.GradientTape() as tape:
        outputs = tf.nest.flatten(layer(*values, training=True))[0]
        loss = tf.reduce_sum(outputs * weights)
    return outputs, tape.gradient(loss, variables, unconnected_gradients="zero")


def assert_replicas_equal_one_device(make, values):
    """`make()` gives a layer with fixed values; `values` is a batch of an even number of rows."""
    layer = make()
    reference = tf.nest.flatten(layer(*values, training=False))[0]
    weights = tf.random.stateless_normal(reference.shape, [1, 2])
    expected, expected_gradients = outputs_and_gradients(layer, values, weights)
    strategy = mirrored()
    with strategy.scope():
        copy = make()

    @tf.function
    def step(arguments, weights):
        return strategy.run(lambda a, w: outputs_and_gradients(copy, a, w), args=(arguments, weights))

    outputs, gradients = step(halves(strategy, values), *halves(strategy, [weights]))
    outputs = tf.concat(strategy.experimental_local_results(outputs), 0)
    scale = float(tf.reduce_max(tf.abs(expected)))
    np.testing.assert_allclose(outputs, expected, rtol=1e-4, atol=1e-4 * scale)
    largest = max((np.linalg.norm(gradient) for gradient in expected_gradients), default=0.0)
    for variable, actual, gradient in zip(layer.trainable_variables, gradients, expected_gradients, strict=True):
        total = sum(strategy.experimental_local_results(actual))
        # By norms: rounding is all there is of a bias before batch norm.
        error = np.linalg.norm(total - gradient)
        assert error <= 1e-4 * np.linalg.norm(gradient) + 1e-5 * largest, variable.path
    for actual, wanted in zip(copy.variables, layer.variables, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-4, err_msg=wanted.path)
    assert_equal_copies(strategy, [v.value for v in copy.variables])


@pytest.mark.parametrize("name", [name for name, case in LAYERS.items() if case.batched])
def test_layer(name, smooth):
    case = LAYERS[name]
    assert_replicas_equal_one_device(case.built, case.values(4))


@pytest.mark.parametrize("name", NOT_THE_DEEPEST)
def test_generator(name, smooth):
    latents, _, labels = NETWORKS[name].values(4)
    assert_replicas_equal_one_device(NETWORKS[name].generator, [latents, labels])


@pytest.mark.parametrize("name", NOT_THE_DEEPEST)
def test_discriminator(name, smooth):
    _, images, labels = NETWORKS[name].values(4)
    assert_replicas_equal_one_device(NETWORKS[name].discriminator, [images, labels])


# Whose losses are of the whole batch; tests/training/test_step.py has the others.
OF_THE_WHOLE_BATCH = ("modular_batch_norm_in_d", "modular_label_heads", "s3gan_label_heads", "s3gan_over_batch")


@pytest.mark.parametrize("name", OF_THE_WHOLE_BATCH)
def test_copies_stay_equal_while_training(name):
    case, strategy = GANS[name], mirrored()
    with strategy.scope():
        gan = case.make(num_replicas=2)
        state = TrainState(gan)
    train_step = TrainStep(gan, state)

    @tf.function
    def step(batch):
        number = tf.convert_to_tensor(state.step)
        strategy.run(lambda b: train_step((b,), number, StepRandom(0, number)), args=(batch,))
        state.count_step()

    before = {name: variable.numpy() for name, variable in state.variables().items()}
    for i in range(3):
        batch = case.batch(i)
        step(dict(zip(batch, halves(strategy, list(batch.values())), strict=True)))
    assert (state.step.numpy(), state.discriminator_step.numpy()) == (3, 3)
    assert_equal_copies(strategy, state.variables().values())
    kernels = [name for name in before if name.endswith(("fc_noise/kernel", "conv1/kernel", "fc_noise/V", "conv1/V"))]
    assert len(kernels) == 2
    assert all(np.any(state.variables()[name].numpy() != before[name]) for name in kernels)
