import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.augmentation.diffaugment import DiffAugment
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import StepRandom


def draws_of(step):
    return StepRandom(3, step).uniform


def test_each_operation_reaches_its_whole_range_and_no_further():
    images = tf.reshape(tf.range(1.0, 257.0), [1, 16, 16, 1]) / 512 + 0.5
    images = tf.tile(images, [256, 1, 1, 3])
    moved = DiffAugment("translation")(images, draws_of(0)).numpy()
    found = set()
    for image in moved[..., 0]:
        rows, columns = np.nonzero(image != 0.5)
        value = int(round((image[rows[0], columns[0]] - 0.5) * 512)) - 1
        found.add((value // 16 - rows[0], value % 16 - columns[0]))
    assert {row for row, _ in found} == {column for _, column in found} == {-2, -1, 0, 1, 2}
    cut = DiffAugment("cutout")(images, draws_of(0)).numpy()
    grey = (cut[..., 0] == 0.5).sum((1, 2))
    assert grey.max() == 64 and grey.min() >= 16
    brighter = (DiffAugment("brightness")(images, draws_of(0)) - images).numpy()[:, 0, 0, 0]
    assert -0.25 <= brighter.min() < -0.2 and 0.2 < brighter.max() <= 0.25


def test_operations_come_in_the_order_of_the_policy():
    images = tf.random.stateless_uniform([4, 16, 16, 3], [0, 1])
    one, other = (DiffAugment(policy)(images, draws_of(1)) for policy in ("cutout,brightness", "brightness,cutout"))
    assert np.any(one != other)
    as_list = DiffAugment(["cutout", "brightness"])(images, draws_of(1))
    np.testing.assert_array_equal(one, as_list)


def test_an_operation_draws_the_same_whichever_others_there_are():
    images = tf.fill([4, 16, 16, 3], 0.75)
    alone = DiffAugment("cutout")(images, draws_of(1)).numpy() == 0.5
    together = DiffAugment("color,cutout")(images, draws_of(1)).numpy() == 0.5
    np.testing.assert_array_equal(alone, together)


def test_every_image_and_step_has_draws_of_its_own():
    images = tf.tile(tf.random.stateless_uniform([1, 16, 16, 1], [0, 1]), [4, 1, 1, 1])
    first, second = (DiffAugment()(images, draws_of(step)).numpy() for step in (0, 1))
    assert len(np.unique(first.reshape(4, -1), axis=0)) == 4 and np.all(np.any(first != second, (1, 2, 3)))
    np.testing.assert_array_equal(first, DiffAugment()(images, draws_of(0)))
    assert np.any(first != DiffAugment()(images, draws_of(0), "another purpose").numpy())


@pytest.mark.parametrize(
    "policy, message",
    [
        ("colour", "diffaugment.policy: expected some of color, translation, cutout, or of .*, got 'colour'"),
        ("", "diffaugment.policy: expected some of"),
        ([], "diffaugment.policy: expected some of"),
        ([3], r"diffaugment.policy: expected some of .*, got \[3\]"),
        ("color,contrast", "diffaugment.policy: expected each operation once, got contrast twice"),
        (3, "diffaugment.policy: expected text or list, got 3"),
    ],
)
def test_bad_policies(policy, message):
    with pytest.raises(ConfigError, match=message):
        DiffAugment(policy)


@pytest.mark.parametrize(
    "shape, message",
    [((3, 32, 3), "at least 4x4 pixels .*, these are 3x32"), ((32, 32, 4), "1 or 3 channels, these have 4")],
)
def test_images_that_cannot_be_augmented(shape, message):
    with pytest.raises(ConfigError, match=message):
        DiffAugment().require_images(shape)
    DiffAugment("brightness").require_images(shape)
