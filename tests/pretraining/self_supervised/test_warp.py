import numpy as np
import scipy.ndimage
import tensorflow as tf

from compare_gan2.pretraining.self_supervised.warp import grid, warped

IMAGES = np.random.RandomState(0).rand(2, 6, 8, 3).astype(np.float32)


def test_reading_where_the_pixels_are_changes_nothing():
    x, y = grid(6, 8)
    found = warped(tf.constant(IMAGES), tf.broadcast_to(x, [2, 6, 8]), tf.broadcast_to(y, [2, 6, 8]))
    np.testing.assert_allclose(found, IMAGES, atol=1e-6)


def test_it_reads_bilinearly_and_repeats_the_border_as_scipy():
    random = np.random.RandomState(1)
    x, y = (random.uniform(-7, 7, [2, 6, 8]).astype(np.float32) for _ in range(2))
    found = warped(tf.constant(IMAGES), tf.constant(x), tf.constant(y)).numpy()
    for image, xs, ys, got in zip(IMAGES, x, y, found, strict=True):
        for channel in range(3):
            places = [ys + 2.5, xs + 3.5]
            expected = scipy.ndimage.map_coordinates(image[..., channel], places, order=1, mode="nearest")
            np.testing.assert_allclose(got[..., channel], expected, atol=1e-5)
