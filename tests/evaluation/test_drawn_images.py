"""Which images are scored when fewer are asked for than there are."""

import numpy as np
import pytest
from support.bound_dataset import opened

from compare_gan2.evaluation import sources
from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.ground.errors import DataError


def test_all_of_them_need_no_choice():
    assert chosen_images(None, 5, "x", 0) is None and chosen_images(5, 5, "x", 0) is None
    assert chosen_images(5, 5, "x", None) is None


def test_a_seed_draws_without_an_order():
    chosen = chosen_images(100, 1000, "x", 3)
    assert len(np.unique(chosen)) == 100 and np.all(np.diff(chosen) > 0) and 0 <= chosen[0] <= chosen[-1] < 1000
    np.testing.assert_array_equal(chosen, chosen_images(100, 1000, "x", 3))
    assert len(np.intersect1d(chosen, chosen_images(100, 1000, "x", 4))) < 30
    assert np.isin(chosen, chosen_images(200, 1000, "x", 3)).all()  # a larger part holds the smaller one
    assert 400 < chosen.mean() < 600


def test_without_a_seed_the_first_ones():
    np.testing.assert_array_equal(chosen_images(3, 9, "x", None), [0, 1, 2])


def test_more_than_there_are():
    with pytest.raises(DataError, match="--fake: photos: 9 images are asked for, there are 8"):
        chosen_images(9, 8, "--fake: photos", 0)


def read(source):
    images, labels = zip(*source.batches(), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def test_parts_of_a_dataset():
    dataset = opened("mnist_5k")
    images, labels = dataset.test_images(1000)
    drawn = sources.of_dataset(dataset, "test", 130, seed=5)
    chosen = chosen_images(130, 1000, "", 5)
    np.testing.assert_array_equal(read(drawn)[0], images[chosen])
    np.testing.assert_array_equal(read(drawn)[1], labels[chosen])
    assert (drawn.images, drawn.split, drawn.part, drawn.drawn_by) == ("drawn", "test", "test, drawn", 5)
    first = sources.of_dataset(dataset, "test", 130)
    np.testing.assert_array_equal(read(first)[0], images[:130])
    assert (first.images, first.part) == ("in order", "test")
    assert sources.of_dataset(dataset, "test", 1000, seed=5).images == "all"
