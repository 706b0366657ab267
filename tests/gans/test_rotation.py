import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.gans.rotation import require_square, rotate, rotation_loss, with_rotated_copies
from compare_gan2.ground.errors import ConfigError

IMAGES = np.random.RandomState(0).random_sample([3, 4, 4, 2]).astype(np.float32)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rotations_are_those_of_numpy(turns):
    np.testing.assert_array_equal(rotate(tf.constant(IMAGES), turns), np.rot90(IMAGES, turns, axes=(1, 2)))


def test_copies_of_the_last_images_follow_angle_by_angle():
    labels = np.eye(3, dtype=np.float32)
    images, copied_labels = with_rotated_copies(tf.constant(IMAGES), tf.constant(labels), 2)
    expected = np.concatenate([IMAGES] + [np.rot90(IMAGES[1:], turns, axes=(1, 2)) for turns in (1, 2, 3)])
    np.testing.assert_array_equal(images, expected)
    np.testing.assert_array_equal(copied_labels, labels[[0, 1, 2, 1, 2, 1, 2, 1, 2]])


def test_no_copies():
    images = tf.constant(IMAGES)
    assert with_rotated_copies(images, None, 0) == (images, None)
    assert with_rotated_copies(images, None, 1)[1] is None


def test_loss_and_accuracy():
    logits = np.random.RandomState(1).standard_normal([8, 4]).astype(np.float32)
    targets = [0, 0, 1, 1, 2, 2, 3, 3]
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    loss, accuracy = rotation_loss(tf.constant(logits), 2)
    assert float(loss) == pytest.approx(-np.mean(np.log(probabilities[range(8), targets])), rel=1e-5)
    assert float(accuracy) == np.mean(logits.argmax(1) == targets)


def test_certain_and_wrong_is_finite():
    logits = 1000 * np.roll(np.eye(4, dtype=np.float32), 1, axis=1)
    assert float(rotation_loss(tf.constant(logits), 1)[0]) == pytest.approx(-np.log(1e-10), rel=1e-4)


def test_other_turns():
    with pytest.raises(ValueError, match="must be 1, 2 or 3, got 4"):
        rotate(tf.constant(IMAGES), 4)


def test_images_that_are_not_square_are_refused_with_the_option():
    require_square((8, 8, 3), "S3GAN.self_supervision")
    with pytest.raises(
        ConfigError, match=r"S3GAN.self_supervision: .* square images, these have 8x6 pixels \(height x width\); crop"
    ):
        require_square((8, 6, 3), "S3GAN.self_supervision")
