import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.pixels import mirrored, outside_window, read_at, shifted, whole_number

IMAGES = tf.random.stateless_uniform([3, 5, 7, 2], [0, 1])


def test_whole_numbers_are_equally_likely_and_in_range():
    draws = (np.arange(6000) + 0.5) / 6000
    np.testing.assert_array_equal(np.bincount(whole_number(tf.constant(draws, tf.float32), 6)), [1000] * 6)
    assert int(whole_number(tf.constant(1 - 2**-24, tf.float32), 4097)) == 4096


def test_mirrored_positions_are_those_of_numpy():
    expected = np.pad(np.arange(6), 5, mode="reflect")
    np.testing.assert_array_equal(mirrored(np.arange(-5, 11), 6), expected)


def test_pixels_are_read_where_they_are_asked_for():
    rows, columns = np.array([[4, 3, 2, 1, 0]] * 3), np.array([range(7), [6] * 7, [0, 0, 1, 1, 2, 2, 3]])
    expected = np.stack([image[r][:, c] for image, r, c in zip(IMAGES.numpy(), rows, columns, strict=True)])
    np.testing.assert_array_equal(read_at(IMAGES, tf.constant(rows), tf.constant(columns)), expected)


@pytest.mark.parametrize("rows, columns", [(0, 0), (2, -3), (-4, 6), (5, 0), (0, -9)])
def test_shifts_leave_zeros(rows, columns):
    padded = np.pad(IMAGES.numpy(), [(0, 0), (10, 10), (10, 10), (0, 0)])
    expected = padded[:, 10 + rows : 15 + rows, 10 + columns : 17 + columns]
    np.testing.assert_array_equal(shifted(IMAGES, tf.fill([3], rows), tf.fill([3], columns)), expected)


def test_windows_may_leave_the_image():
    mask = outside_window(IMAGES.shape, tf.constant([-1, 3, 1]), tf.constant([0, 6, 2]), 2, 3).numpy()[..., 0]
    assert mask.shape == (3, 5, 7)
    assert [int((1 - part).sum()) for part in mask] == [3, 2, 6]
    assert not mask[0, 0, :3].any() and not mask[2, 1:3, 2:5].any()
