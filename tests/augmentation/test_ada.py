import numpy as np
import pytest
import tensorflow as tf
from support.field_goldens import assert_equals, field_case

from compare_gan2.augmentation import ada_draws
from compare_gan2.augmentation.ada import Ada, transformed
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import StepRandom

TOLERANCE = 5e-5  # of the manifest
IMAGES = tf.random.stateless_uniform([4, 32, 32, 3], [0, 1])
EVERY = "blit,geom,color,filter,noise,cutout"


def recorded(name):
    """(function of images, expected) of one output of the recorded case."""
    _, case = field_case("ada_augment")
    group, percentile = name.split("/")
    operations = ada_draws.GROUPS.get(group, (group,))

    def compute(images):
        parameters = ada_draws.at_percentile(operations, float(percentile), 2)
        return transformed(images, parameters, tf.constant(case["noise_normal"]))

    return compute, tf.constant(case["images"]), case[name]


NAMES = [name for name in field_case("ada_augment")[1] if "/" in name]


@pytest.mark.parametrize("name", NAMES)
def test_recorded_case(name):
    compute, images, expected = recorded(name)
    assert_equals(compute(images), expected, TOLERANCE, name)


def test_all_recorded_outputs_are_compared():
    assert len(NAMES) == 30


def uniform(step=0, seed=3):
    return StepRandom(seed, step).uniform


def test_with_probability_0_images_stay_as_they_are():
    np.testing.assert_allclose(Ada(operations=EVERY)(IMAGES, uniform(), p=0.0), IMAGES, atol=2e-6)


def test_above_1_a_probability_counts_as_1():
    operations = Ada(operations=EVERY)
    np.testing.assert_array_equal(operations(IMAGES, uniform(), p=1.0), operations(IMAGES, uniform(), p=1.5))


def test_each_image_is_changed_by_its_own_draws_alone():
    """So that an image does not depend on the batch: its others may be on another device."""
    operations = Ada(operations=EVERY)
    whole = operations(IMAGES, uniform(), p=0.8).numpy()
    other = tf.concat([IMAGES[:1], 1.0 - IMAGES[1:]], 0)
    np.testing.assert_array_equal(operations(other, uniform(), p=0.8)[0], whole[0])
    assert np.any(operations(IMAGES, uniform(1), p=0.8) != whole)


@pytest.mark.parametrize("channels", [1, 3])
def test_gradients_equal_numerical_differences(channels):
    images = IMAGES[:2, :24, :24, :channels]
    weights = tf.random.stateless_normal(images.shape, [3, 4])
    direction = tf.random.stateless_normal(images.shape, [5, 6])
    operations = Ada(operations=EVERY)

    def total(images):
        return tf.reduce_sum(operations(images, uniform(), p=0.9) * weights)

    with tf.GradientTape() as tape:
        tape.watch(images)
        value = total(images)
    slope = tf.reduce_sum(tape.gradient(value, images) * direction)
    difference = (total(images + 0.5 * direction) - total(images - 0.5 * direction)) / 1.0  # it is an affine function
    assert float(difference) == pytest.approx(float(slope), rel=1e-3)


def test_a_grey_image_is_one_of_three_equal_channels():
    grey = IMAGES[..., :1]
    of_three = Ada(operations="color")(tf.tile(grey, [1, 1, 1, 3]), uniform(), p=1.0)
    of_one = Ada(operations="color")(grey, uniform(), p=1.0)
    np.testing.assert_allclose(of_one[..., 0], tf.reduce_mean(of_three, 3), atol=1e-5)


def test_graph_equals_eager(unoptimized):
    operations = Ada(operations="noise,cutout,color")  # the others are compared with the recorded case
    eager = operations(IMAGES, uniform(), p=0.6)
    graph = tf.function(lambda images: operations(images, uniform(), p=tf.constant(0.6)))(IMAGES)
    np.testing.assert_allclose(graph, eager, atol=2e-5)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"operations": "bgc"}, "ada.operations: expected some of blit, geom, .*, got 'bgc'"),
        ({"p": 1.5}, "ada.p: expected a number from 0 to 1, got 1.5"),
        ({"p": -0.1}, "ada.p: expected a number from 0 to 1, got -0.1"),
        ({"target": 2.0}, "ada.target: expected a number from -1 to 1 or None, got 2.0"),
        ({"interval": 0}, "ada.interval: expected a whole number from 1 "),
        ({"kimg": 0.0}, "ada.kimg: expected a number above 0"),
        ({"rule": "official"}, "ada.rule: expected one of 'paper', 'studiogan', got 'official'"),
        ({"predictor": "both"}, "ada.predictor: expected one of 'augmented', 'plain', got 'both'"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ConfigError, match=message):
        Ada(**options)


@pytest.mark.parametrize(
    "shape, operations, message",
    [
        ((4, 4, 3), "blit", "at least 8x8 pixels .*, these are 4x4"),
        ((16, 16, 3), "filter", "at least 22x22 pixels .* leave out filter.*, these are 16x16"),
        ((32, 32, 2), "color", "1 or 3 channels, these have 2; leave out color"),
    ],
)
def test_images_that_cannot_be_augmented(shape, operations, message):
    with pytest.raises(ConfigError, match=message):
        Ada(operations=operations).require_images(shape)
    Ada(operations="noise").require_images(shape)
