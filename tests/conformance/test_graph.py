"""Inside a `tf.function` everything computes what it computes eagerly, and leaves the same state behind."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import EACH_ARCHITECTURE, GANS, LAYERS, NETWORKS

from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep


def assert_close(actual, expected, tolerance=1e-5):
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)


def assert_same_variables(first, second, tolerance=1e-5):
    for a, b in zip(first.variables, second.variables, strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=a.path)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, training):
    case = LAYERS[name]
    eager, traced = case.built(), case.built()
    graph = tf.function(lambda *inputs: traced(*inputs, training=training))
    for seed in range(2):
        values = case.values(3, seed)
        assert_close(graph(*values), eager(*values, training=training))
    assert_same_variables(traced, eager)


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_networks_in_training(name):
    """test_unknown_batch.py has them as they generate and judge."""
    case = NETWORKS[name]
    latents, images, labels = case.values(3)
    for eager, traced, inputs in zip(case.make(), case.make(), (latents, images), strict=True):
        graph = tf.function(lambda i, y, traced=traced: traced(i, y, training=True))
        outputs = graph(inputs, labels), eager(inputs, labels, training=True)
        for actual, expected in zip(*(tf.nest.flatten(output) for output in outputs), strict=True):
            assert_close(actual, expected, 1e-4 * max(1, float(tf.reduce_max(tf.abs(expected)))))
        assert_same_variables(traced, eager, 1e-4)


@pytest.mark.parametrize("name", GANS)
def test_training_step(name):
    case = GANS[name]
    ends = []
    for wrap in (lambda function: function, tf.function):
        gan = case.make()
        for part in (gan.generator, gan.discriminator, *gan.heads):
            for variable in part.trainable_variables:
                variable.assign(
                    0.3 * np.random.RandomState(variable.shape.num_elements()).standard_normal(variable.shape)
                )
            for variable in part.non_trainable_variables:
                variable.assign(tf.ones_like(variable))
        state = TrainState(gan)
        train_step = TrainStep(gan, state)
        step = wrap(lambda batch, number, s=train_step: s((batch,), number, StepRandom(0, number)))
        scalars = [step(case.batch(i), tf.constant(i, tf.int64)) for i in range(2)]
        ends.append((scalars, {name: value.numpy() for name, value in state.variables().items()}))
    (eager_scalars, eager), (graph_scalars, graph) = ends
    for expected, actual in zip(eager_scalars, graph_scalars, strict=True):
        assert set(actual) == set(expected)
        for tag in expected:
            np.testing.assert_allclose(actual[tag], expected[tag], rtol=1e-4, atol=1e-5, err_msg=tag)
    for variable in eager:
        np.testing.assert_allclose(graph[variable], eager[variable], rtol=1e-3, atol=1e-5, err_msg=variable)
