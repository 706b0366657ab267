import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.datasets import transforms


def coordinates(height, width):
    """An image that holds its own row and column numbers."""
    rows, columns = np.mgrid[:height, :width]
    return tf.constant(np.stack([rows, columns, rows], -1).astype(np.float32))


def bilinear(image, height, width):
    """Bilinear sampling at row * in / out, without half-pixel centres, in NumPy."""

    def axis(values, size):
        place = np.arange(size) * (len(values) / size)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, len(values) - 1)
        part = (place - low).reshape(-1, *[1] * (values.ndim - 1))
        return values[low] * (1 - part) + values[high] * part

    return axis(axis(image, height).swapaxes(0, 1), width).swapaxes(0, 1)


@pytest.mark.parametrize("pixels, size, expected", [(4, 8, [0, 0.5, 1, 1.5, 2, 2.5, 3, 3]), (4, 2, [0, 2])])
def test_resize_is_that_of_tensorflow_1(pixels, size, expected):
    row = tf.reshape(tf.range(pixels, dtype=tf.float32), [1, pixels, 1])
    np.testing.assert_array_equal(transforms.resize(row, 1, size)[0, :, 0], expected)
    np.testing.assert_array_equal(transforms.resize(tf.transpose(row, [1, 0, 2]), size, 1)[:, 0, 0], expected)


@pytest.mark.parametrize("shape", [(47, 17, 3), (9, 33, 3)])
def test_resize_equals_the_formula(shape):
    image = np.random.RandomState(0).random_sample(shape).astype(np.float32)
    np.testing.assert_allclose(transforms.resize(image, 16, 24), bilinear(image, 16, 24), atol=1e-5)


@pytest.mark.parametrize("height, width", [(7, 12), (12, 7), (6, 6)])
def test_middle(height, width):
    side = min(height, width)
    top, left = int((height - side) / 2), int((width - side) / 2)
    image = coordinates(height, width)
    np.testing.assert_array_equal(transforms.crop(image, "middle", [0, 0]), image[top : top + side, left : left + side])


def test_random_is_the_largest_square_at_the_place_of_the_draw():
    image, lefts = coordinates(10, 40), []
    for number in range(50):
        cropped = transforms.crop(image, "random", [7, number]).numpy()
        draw = tf.random.stateless_uniform([2], [7, number], alg="philox").numpy()
        assert cropped.shape == (10, 10, 3)
        assert tuple(cropped[0, 0, :2]) == (0, int(draw[1] * np.float32(30)))
        lefts.append(cropped[0, 0, 1])
    assert min(lefts) < 5 and max(lefts) > 24


def test_distorted_is_a_square_of_at_least_half_the_area():
    image, corners = coordinates(40, 40), set()
    for number in range(50):
        cropped = transforms.crop(image, "distorted", [7, number]).numpy()
        height, width, _ = cropped.shape
        assert abs(height - width) <= 1 and 0.46 * 1600 <= height * width <= 1600
        corners.add(tuple(cropped[0, 0, :2]))
    assert len(corners) > 10


def test_none_is_the_whole_image():
    np.testing.assert_array_equal(transforms.crop(coordinates(3, 5), "none", [0, 0]), coordinates(3, 5))


def test_unknown_crop_is_refused():
    with pytest.raises(ValueError, match="distorted, random, middle or none, got 'centre'"):
        transforms.crop(coordinates(3, 5), "centre", [0, 0])


def test_middle_of_a_given_side_cuts_or_pads_with_zeros():
    image = coordinates(218, 178)
    np.testing.assert_array_equal(transforms.middle(image, 160), image[29:189, 9:169])
    np.testing.assert_array_equal(transforms.middle(coordinates(3, 7), 5)[1:4], coordinates(3, 7)[:, 1:6])
    np.testing.assert_array_equal(transforms.middle(coordinates(3, 7), 5)[::4], np.zeros([2, 5, 3]))


@pytest.mark.parametrize("method", ["distorted", "random", "middle", "none"])
def test_the_same_inside_map(method):
    image = coordinates(11, 8)
    mapped = tf.data.Dataset.from_tensors(image).map(lambda x: transforms.crop(x, method, [1, 2]))
    np.testing.assert_array_equal(next(iter(mapped)), transforms.crop(image, method, [1, 2]))
