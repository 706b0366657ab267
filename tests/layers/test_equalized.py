"""Kernels of unit variance, scaled at each use."""

import numpy as np
import tensorflow as tf

from compare_gan2.layers.equalized import EqualizedConv2D, EqualizedDense
from compare_gan2.layers.initializers import initial_values


def test_a_rate_changes_what_adam_moves_and_not_what_the_layer_computes_at_first():
    inputs = tf.random.stateless_normal([64, 256], [0, 1])
    for rate in (1.0, 0.01):
        layer = EqualizedDense(128, rate=rate, name="tested")
        with initial_values(0, "any"):
            outputs = layer(inputs)
        assert abs(np.std(outputs) - 1.0) < 0.02
        assert abs(np.std(layer.kernel) * rate - 1.0) < 0.02
        layer.kernel.assign_add(tf.ones_like(layer.kernel))
        layer.bias.assign_add(tf.ones_like(layer.bias))
        moved = layer(tf.ones([1, 256])) - EqualizedDense.call(layer, tf.zeros([1, 256]))
        assert abs(np.mean(moved) - rate * 16.0) < 4.0  # 256 inputs / sqrt(256), times the rate
        np.testing.assert_allclose(layer(tf.zeros([1, 256]))[0], np.full(128, rate), rtol=1e-5)


def test_a_start_of_the_bias():
    layer = EqualizedConv2D(4, start=1.0, name="tested")
    np.testing.assert_allclose(layer(tf.zeros([1, 4, 4, 3])), np.ones([1, 4, 4, 4]))
