import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.flip_translate import FlipTranslate, flip_translate
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import StepRandom


def test_flips_come_before_shifts():
    images = tf.reshape(tf.range(9.0), [1, 1, 9, 1])
    outputs = flip_translate(images, tf.constant([True]), tf.constant([0]), tf.constant([2]))
    assert outputs[0, 0, :, 0].numpy().tolist() == [6, 5, 4, 3, 2, 1, 0, 1, 2]


def test_draws_reach_both_directions():
    images = tf.tile(tf.reshape(tf.range(256.0) / 256, [1, 16, 16, 1]), [128, 1, 1, 1])
    outputs = np.round(FlipTranslate()(images, StepRandom(0, 0).uniform).numpy()[..., 0] * 256)
    middle = outputs[:, 8, 8]
    rows, columns = middle // 16 - 8, middle % 16
    assert set(rows) == {-2, -1, 0, 1, 2} and set(columns) == {6, 7, 8, 9, 10, 5}  # flipped ones are around 7


def test_images_that_are_too_small():
    with pytest.raises(ConfigError, match="at least 8x8 pixels .*, these are 7x32"):
        FlipTranslate().require_images((7, 32, 1))
