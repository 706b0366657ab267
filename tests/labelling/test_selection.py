"""Which images to label: one of each group, and where a classifier is unsure."""

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.labelling.selection import typical, uncertain

SIZES = (50, 30, 20)


@pytest.fixture
def groups():
    """Features [100, 8] around three directions, and the group of each."""
    random = np.random.default_rng(0)
    group = np.repeat(np.arange(3), SIZES)
    return np.eye(8)[group] * 5 + random.normal(0, 0.1, [100, 8]), group


def test_one_image_of_each_group_the_largest_first(groups):
    features, group = groups
    found = typical(features, 3, seed=1)
    assert group[found.indices].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.shares, [0.5, 0.3, 0.2])
    for index in found.indices:  # in the middle of its group
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        centre = unit[group == group[index]].mean(axis=0)
        apart = np.linalg.norm(unit - centre, axis=1)
        assert apart[index] == apart[group == group[index]].min()
    again = typical(10 * features, 3, seed=1)  # the length of a feature does not matter
    np.testing.assert_array_equal(again.indices, found.indices)


def test_weights_count_as_images(groups):
    features, group = groups
    weights = np.where(group == 2, 10.0, 1.0)
    found = typical(features, 3, weights=weights)
    assert group[found.indices].tolist() == [2, 0, 1]
    np.testing.assert_allclose(found.shares, np.array([200, 50, 30]) / 280)


def test_unsure_images_are_between_the_labelled_classes(groups):
    features, group = groups
    random = np.random.default_rng(1)
    between = (np.eye(8)[0] + np.eye(8)[1]) * 2.5 + random.normal(0, 0.1, [10, 8])
    labels = np.where(np.arange(110) % 5 == 0, np.concatenate([group, np.full(10, -1)]), -1)
    found = uncertain(np.concatenate([features, between]), labels, 2)
    assert found.indices.max() >= 100 and np.all(labels[found.indices] < 0)
    assert found.shares[list(found.indices >= 100).index(True)] > 0.5  # ten of a hundred, by their entropy


@pytest.mark.parametrize("count", [0, 101])
def test_more_images_than_there_are(count, groups):
    with pytest.raises(
        ConfigError, match=f"count: expected 1 to 100, the number of images to choose from, got {count}"
    ):
        typical(groups[0], count)


def test_images_that_are_the_same_are_chosen_once():
    with pytest.raises(ConfigError, match=r"count: expected 1 to 2, .* \(6, of which 2 differ\), got 3"):
        typical(np.repeat(np.eye(2), 3, axis=0), 3)


def test_labels_of_one_class_say_nothing(groups):
    labels = np.where(np.arange(100) < 4, 0, -1)
    with pytest.raises(ConfigError, match="labels: expected labelled images of two or more classes"):
        uncertain(groups[0], labels, 3)
