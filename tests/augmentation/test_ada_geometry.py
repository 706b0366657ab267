import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.ada_geometry import FILTER, downsampling, moved, upsampling

IMAGES = tf.random.stateless_uniform([3, 16, 24, 2], [0, 1])
ZEROS = tf.zeros([3])


@pytest.mark.parametrize("size", [8, 15])
def test_down_after_up_is_the_identity(size):
    large = upsampling(size)[1:-1][2 * (size - 1) - 6 : 2 * (2 * size - 1) + 6]
    np.testing.assert_allclose(downsampling(size) @ large, np.eye(size), atol=1e-6)
    assert np.sum(FILTER) == pytest.approx(1)


@pytest.mark.parametrize(
    "parameters, expected",
    [
        ({"xint": tf.constant([[0.125, 0.0]] * 3)}, tf.concat([IMAGES[:, :, 3:0:-1], IMAGES[:, :, :-3]], 2)),
        ({"xint": tf.constant([[0.0, 0.125]] * 3)}, tf.concat([IMAGES[:, 2:0:-1], IMAGES[:, :-2]], 1)),
    ],
)
def test_moves_by_whole_pixels(parameters, expected):
    np.testing.assert_allclose(moved(IMAGES, parameters), expected, atol=1e-5)


@pytest.mark.parametrize(
    "parameters, turned",
    [
        ({"xflip": ZEROS + 1}, lambda images: images[:, :, ::-1]),
        ({"rotate90": ZEROS + 1}, lambda images: np.rot90(images, 1, axes=(1, 2))),
        ({"rotate90": ZEROS + 2}, lambda images: images[:, ::-1, ::-1]),
        ({"rotate": (ZEROS, ZEROS + np.pi)}, lambda images: images[:, ::-1, ::-1]),
    ],
)
def test_flips_and_turns_of_smooth_images(parameters, turned):
    """The filter is not symmetric, so that fine detail changes a little."""
    waves = np.sin(np.arange(16) / 3)[:, None] * np.cos(np.arange(16) / 4 + 1)
    images = np.stack([waves] * 3).astype(np.float32)[..., None]
    np.testing.assert_allclose(moved(tf.constant(images), parameters), turned(images), atol=0.05)
    assert np.abs(turned(images) - images).max() > 0.5


def test_images_of_other_sides_keep_their_shape():
    parameters = {"rotate": (ZEROS + 1.0, ZEROS), "scale": ZEROS + 0.3}  # so small that zeros are seen
    outputs = moved(IMAGES, parameters)
    assert outputs.shape == IMAGES.shape and np.all(np.isfinite(outputs))
