"""Which images are where in pictures of many samples."""

import numpy as np
import pytest
from support.stub_model import stub_model

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.pictures import captioned_grid, class_grid, sample_grid
from compare_gan2.sampling import grids


def samples(model, labels, indices, seed=0, **draw):
    return model.sample(len(indices), labels, seed, dtype="float32", indices=indices, **draw)


def test_rows_of_classes_hold_the_images_of_their_turns():
    model = stub_model()
    rows = [samples(model, number, [number, number + 3, number + 6], seed=4) for number in range(3)]
    expected = class_grid(rows, ["cat", "dog", "horse"], "title")
    np.testing.assert_array_equal(grids.class_rows(model, columns=3, seed=4, title="title"), expected)


def test_chosen_classes_show_the_same_images():
    model = stub_model()
    rows = [samples(model, number, [number, number + 3], truncation=0.5) for number in (2, 0)]
    found = grids.class_rows(model, ["horse", "0"], columns=2, truncation=0.5)
    np.testing.assert_array_equal(found, class_grid(rows, ["horse", "cat"]))


def test_seeds_are_columns_of_one_style():
    model = stub_model()
    rows = [model.sample(2, number, [5, 9], dtype="float32") for number in range(3)]
    expected = captioned_grid(rows, ["cat", "dog", "horse"], ["seed 5", "seed 9"])
    np.testing.assert_array_equal(grids.class_rows(model, seed=[5, 9]), expected)


def test_a_model_without_classes_fills_a_square():
    model = stub_model(None)
    expected = sample_grid(model.sample(9, seed=2, dtype="float32"))
    np.testing.assert_array_equal(grids.class_rows(model, columns=3, seed=2), expected)
    with pytest.raises(ConfigError, match=r"classes: an unconditional model takes none, got \['1'\]"):
        grids.class_rows(model, ["1"])


def test_many_classes_show_the_first():
    model = stub_model(100, None)
    assert grids.shown_classes(model) == list(range(20))
    assert grids.shown_classes(model, ["99", "3"]) == [99, 3]


@pytest.mark.parametrize(
    "classes, message",
    [
        (["bird"], "classes: expected classes from 0 to 2 or one of the names cat, dog, horse, got 'bird'"),
        (["3"], "classes: expected classes from 0 to 2 or one of the names cat, dog, horse, got '3'$"),
        (["cat", "0"], "classes: expected one or more different classes, got cat, 0"),
        ([-1], "classes: expected one or more different classes, got -1"),
        ([], "classes: expected one or more different classes, got "),
    ],
)
def test_classes_that_cannot_be_shown(classes, message):
    with pytest.raises(ConfigError, match=message):
        grids.shown_classes(stub_model(), classes)


def test_one_style_in_every_class():
    model = stub_model()
    rows = [samples(model, number, [0, 1], seed=6) for number in (1, 2)]
    found = grids.style_rows(model, 6, ["dog", "horse"], columns=2, title="t")
    np.testing.assert_array_equal(found, class_grid(rows, ["dog", "horse"], "t"))
    with pytest.raises(ConfigError, match="style_of: expected a model with classes"):
        grids.style_rows(stub_model(None), 6)


def test_truncations_of_chosen_classes_show_the_images_of_the_grid():
    model = stub_model()
    rows = [samples(model, [2, 1, 2, 1], [2, 1, 5, 4], truncation=t) for t in (0.3, None)]
    expected = captioned_grid(rows, ["0.3", "none"], ["horse", "dog", "horse", "dog"])
    found = grids.truncation_rows(model, [0.3, None], ["horse", "dog"], columns=4)
    np.testing.assert_array_equal(found, expected)
    assert grids.turns(stub_model(None), [None], 3) == (None, None)


@pytest.mark.parametrize("how", ["resample", "clip"])
def test_truncations_show_the_same_images_in_every_row(how):
    model = stub_model()
    rows = [samples(model, [0, 1, 2, 0], range(4), seed=1, truncation=t, truncation_by=how) for t in (0.3, 1.0)]
    expected = captioned_grid(rows, ["0.3", "1"], ["cat", "dog", "horse", "cat"])
    found = grids.truncation_rows(model, [0.3, 1.0], columns=4, seed=1, truncation_by=how)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "draw",
    [
        lambda model: grids.class_rows(model, columns=0),
        lambda model: grids.style_rows(model, 1, columns=0),
        lambda model: grids.truncation_rows(model, [0.5], columns=0),
    ],
)
def test_a_row_has_a_column(draw):
    with pytest.raises(ConfigError, match="^columns: expected a whole number of at least 1, got 0"):
        draw(stub_model())
