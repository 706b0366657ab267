"""Convolutions in groups against one convolution per group, and their initial values."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.layers.grouped_conv import GroupedConv2D
from compare_gan2.layers.initializers import initial_values
from compare_gan2.layers.scaled_dense import ScaledDense


def test_groups_do_not_see_each_other():
    maps = tf.random.stateless_normal([2, 5, 5, 6], [0, 1])
    layer = GroupedConv2D(9, kernel_size=3, groups=3, name="tested")
    found = layer(maps)
    assert layer.kernel.shape == (3, 3, 2, 9)
    for group in range(3):
        kernel = layer.kernel[..., 3 * group : 3 * group + 3]
        expected = tf.nn.conv2d(maps[..., 2 * group : 2 * group + 2], kernel, 1, "SAME")
        np.testing.assert_allclose(found[..., 3 * group : 3 * group + 3], expected, rtol=1e-4, atol=1e-5)


def test_initial_values():
    for layer, inputs, fan_in in (
        (GroupedConv2D(64, 3, groups=4, gain=0.5, name="tested"), [1, 4, 4, 64], 9 * 16),
        (ScaledDense(64, gain=0.5, name="tested"), [1, 256], 256),
    ):
        with initial_values(0, "any"):
            layer(tf.zeros(inputs))
        assert np.std(layer.kernel) == pytest.approx(0.5 / np.sqrt(fan_in), rel=0.03)
    zero = GroupedConv2D(4, gain=0.0, name="tested")
    assert not np.any(zero(tf.ones([1, 2, 2, 3])))


def test_channels_that_groups_do_not_divide():
    with pytest.raises(ValueError, match="5 groups divide neither 6 nor 10 channels evenly"):
        GroupedConv2D(10, groups=5, name="tested")(tf.zeros([1, 2, 2, 6]))
