import numpy as np
import pytest
import tensorflow as tf
from support.field_goldens import assert_equals, field_case

from compare_gan2.augmentation.flip_translate import FlipTranslate, flip_translate
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import StepRandom


@pytest.mark.parametrize("wrapped", [lambda f: f, tf.function, lambda f: tf.function(f, jit_compile=True)])
@pytest.mark.parametrize("name", ["flip", "translation", "both"])
def test_recorded_case(wrapped, name):
    _, case = field_case("cr_augment")
    flips, shifts = case["flip_draw"] < 0.5, [case["translate_rows"], case["translate_columns"]]
    flips = np.zeros_like(flips) if name == "translation" else flips
    shifts = [0 * shift for shift in shifts] if name == "flip" else shifts
    output = wrapped(lambda x: flip_translate(x, flips, *shifts))(tf.constant(case["images"]))
    assert_equals(output, case[name], 1e-5, name)


def test_draws_reach_both_directions():
    images = tf.tile(tf.reshape(tf.range(256.0) / 256, [1, 16, 16, 1]), [128, 1, 1, 1])
    outputs = np.round(FlipTranslate()(images, StepRandom(0, 0).uniform).numpy()[..., 0] * 256)
    middle = outputs[:, 8, 8]
    rows, columns = middle // 16 - 8, middle % 16
    assert set(rows) == {-2, -1, 0, 1, 2} and set(columns) == {6, 7, 8, 9, 10, 5}  # flipped ones are around 7


def test_images_that_are_too_small():
    with pytest.raises(ConfigError, match="at least 8x8 pixels .*, these are 7x32"):
        FlipTranslate().require_images((7, 32, 1))
