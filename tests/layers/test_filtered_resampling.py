"""Doubling, halving and blurring against the definition of each pixel."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.layers.filtered_resampling import (
    blur,
    filtered_down,
    filtered_down_conv,
    filtered_up,
    filtered_up_conv,
)

IMAGES = np.random.RandomState(0).standard_normal([2, 6, 4, 3]).astype(np.float32)
FILTER = np.array([1, 3, 3, 1]) / 8


def along(axis, images, pixel):
    """Array of `pixel(get, i)` along an axis; `get` reads zeros outside."""
    moved = np.moveaxis(images, axis, 0)

    def get(i):
        return moved[i] if 0 <= i < len(moved) else np.zeros_like(moved[0])

    return np.moveaxis(np.stack(pixel(get, len(moved))), 0, axis)


def up(get, size):
    return [
        (get(i - 1) + 3 * get(i)) / 4 if first else (3 * get(i) + get(i + 1)) / 4
        for i in range(size)
        for first in (True, False)
    ]


def down(get, size):
    return [sum(w * get(2 * i - 1 + k) for k, w in enumerate(FILTER)) for i in range(size // 2)]


def blurred(get, size):
    return [sum(w * get(i + k) for k, w in enumerate(FILTER)) for i in range(size - 3)]


@pytest.mark.parametrize("function, pixel", [(filtered_up, up), (filtered_down, down), (blur, blurred)])
def test_every_pixel(function, pixel):
    expected = along(2, along(1, IMAGES, pixel), pixel)
    np.testing.assert_allclose(function(tf.constant(IMAGES)), expected, rtol=1e-5, atol=1e-6)


def test_convolutions_are_those_of_the_parts():
    kernel = np.random.RandomState(1).standard_normal([3, 3, 3, 5]).astype(np.float32)
    with_zeros = np.zeros([2, 12, 8, 3], np.float32)
    with_zeros[:, ::2, ::2] = IMAGES
    around = tf.pad(with_zeros, [[0, 0], [3, 2], [3, 2], [0, 0]])
    expected = tf.nn.conv2d(4 * blur(around), kernel[::-1, ::-1], 1, "VALID")
    np.testing.assert_allclose(filtered_up_conv(tf.constant(IMAGES), kernel), expected, rtol=1e-4, atol=1e-5)
    around = tf.pad(IMAGES, [[0, 0], [2, 2], [2, 2], [0, 0]])
    expected = tf.nn.conv2d(blur(around), kernel, 2, "VALID")
    np.testing.assert_allclose(filtered_down_conv(tf.constant(IMAGES), kernel), expected, rtol=1e-4, atol=1e-5)
