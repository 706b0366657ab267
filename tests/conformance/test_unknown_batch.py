"""One trace with an unknown batch size serves every batch, and at inference no row depends on another."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import EACH_ARCHITECTURE, LAYERS, NETWORKS

pytestmark = pytest.mark.usefixtures("unoptimized")


def assert_close(actual, expected):
    scale = max(1.0, float(tf.reduce_max(tf.abs(expected))))
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4 * scale)


def spec(values):
    return [None if v is None else tf.TensorSpec([None, *v.shape[1:]], v.dtype) for v in values]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", [name for name, case in LAYERS.items() if case.batched])
def test_layer(name, training):
    case = LAYERS[name]
    layer, eager = case.built(), case.built()
    graph = tf.function(lambda *inputs: layer(*inputs, training=training)).get_concrete_function(*spec(case.values(2)))
    assert graph.structured_outputs.shape.as_list() == [None, *case.output]
    for batch in (1, 4):
        values = case.values(batch)
        assert_close(graph(*(v for v in values if v is not None)), eager(*values, training=training))


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_networks(name):
    case = NETWORKS[name]
    latents, images, labels = case.values(4)
    for network, inputs in zip(case.make(), (latents, images), strict=True):
        function = tf.function(lambda i, y, network=network: network(i, y, training=False))
        graph = function.get_concrete_function(*spec([inputs, labels]))
        for size in (1, 4):
            some = [v[:size] for v in (inputs, labels) if v is not None]
            expected = tf.nest.flatten(network(inputs, labels, training=False))
            for part, whole in zip(tf.nest.flatten(graph(*some)), expected, strict=True):
                assert_close(part, whole[:size])
