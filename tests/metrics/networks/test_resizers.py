"""Each resizer against the implementation it is named after."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from compare_gan2.metrics.networks.inception import inception_input
from compare_gan2.metrics.networks.resizers import RESIZERS, resize

SIZES = [(32, 32), (64, 48), (333, 500), (299, 128)]


def images(height, width, channels=3):
    return np.random.RandomState(height).uniform(0, 255, (2, height, width, channels)).astype(np.float32)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("target", [(299, 299), (17, 40)])
def test_clean_is_pillows_bicubic_on_floats(size, target):
    given = images(*size)
    expected = np.empty((2, *target, 3), np.float32)
    for n, c in np.ndindex(2, 3):
        picture = Image.fromarray(given[n, :, :, c], mode="F").resize(target[::-1], Image.Resampling.BICUBIC)
        expected[n, :, :, c] = np.asarray(picture)
    if target > size:
        assert expected.min() < 0 and expected.max() > 255  # bicubic overshoots, and clean-fid cuts
    resized = resize(tf.constant(given), *target, "clean")
    np.testing.assert_allclose(resized, np.clip(expected, 0, 255), atol=1e-3)


@pytest.mark.parametrize("size", SIZES)
def test_bilinear_ones_are_tensorflows(size):
    given = images(*size)
    old = tf.compat.v1.image.resize_bilinear(given, [299, 299])
    np.testing.assert_array_equal(resize(tf.constant(given), 299, 299, "tf1_bilinear"), old)
    new = tf.image.resize(given, [299, 299])
    np.testing.assert_array_equal(resize(tf.constant(given), 299, 299, "tf2_bilinear"), new)
    assert np.abs(old - new).max() > 1


def test_known_values():
    ramp = tf.reshape(tf.constant([0.0, 1.0, 2.0, 3.0]), [1, 1, 4, 1])
    np.testing.assert_allclose(RESIZERS["tf1_bilinear"](ramp, 1, 8)[0, 0, :, 0], [0, 0.5, 1, 1.5, 2, 2.5, 3, 3])
    np.testing.assert_allclose(RESIZERS["tf2_bilinear"](ramp, 1, 2)[0, 0, :, 0], [0.5, 2.5])


@pytest.mark.parametrize("resizer", RESIZERS)
def test_images_of_the_right_size_stay_as_they_are(resizer):
    given = tf.constant(images(20, 30))
    assert resize(given, 20, 30, resizer) is given


def test_input_of_the_inceptions_of_2015():
    black_to_white = inception_input(tf.constant([0.0, 1.0], shape=[2, 1, 1, 1]), "tf1_bilinear")
    assert black_to_white.shape == (2, 299, 299, 3)
    assert np.unique(black_to_white[0]) == [-1.0]
    assert np.unique(black_to_white[1]) == [127 / 128]
    given = images(17, 33) / 255
    resized = tf.compat.v1.image.resize_bilinear(given * 255, [299, 299])
    np.testing.assert_allclose(inception_input(tf.constant(given), "tf1_bilinear"), (resized - 128) / 128, atol=1e-6)
