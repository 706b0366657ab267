import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.ada_colors import color_map, recolored

IMAGES = tf.random.stateless_uniform([2, 4, 4, 3], [0, 1])


@pytest.mark.parametrize(
    "parameters, expected",
    [
        ({"brightness": 0.25}, IMAGES + 0.25),
        ({"contrast": 3.0}, IMAGES * 3),
        ({"brightness": 0.25, "contrast": 2.0}, (IMAGES + 0.25) * 2),
        ({"saturation": 0.0}, tf.tile(tf.reduce_mean(IMAGES, 3, keepdims=True), [1, 1, 1, 3])),
        ({"hue": 2 * np.pi / 3}, tf.roll(IMAGES, 1, 3)),
        ({"lumaflip": 1.0}, IMAGES - 2 * tf.reduce_mean(IMAGES, 3, keepdims=True)),
    ],
)
def test_values_by_hand(parameters, expected):
    parameters = {name: tf.fill([2], tf.constant(value, tf.float32)) for name, value in parameters.items()}
    np.testing.assert_allclose(recolored(IMAGES, parameters), expected, atol=1e-5)


def test_without_parameters_the_map_is_the_identity():
    matrix, offset = color_map({}, 2)
    np.testing.assert_array_equal(matrix, [np.eye(3)] * 2)
    assert not np.any(offset)
