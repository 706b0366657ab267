"""Ways between seeds and between classes, as strips and as movies."""

import numpy as np
import pytest
from support.stub_model import stub_model

from compare_gan2.ground.errors import ConfigError
from compare_gan2.reporting.pictures import class_grid
from compare_gan2.sampling import walks


def test_from_seed_to_seed():
    model = stub_model()
    frames, names = walks.between_seeds(model, [4, 8, 2], ["dog", "cat"], frames=5, truncation=1.5)
    assert frames.shape == (2, 9, 4, 4, 1) and names == ["dog", "cat"]
    for row, label in zip(frames, (1, 0), strict=True):
        ends = model.sample(3, label, [4, 8, 2], 1.5, "float32")
        np.testing.assert_allclose(row[[0, 4, 8]], ends, atol=1e-6)
        np.testing.assert_allclose(row[:5], model.interpolate(5, label, 4, 8, 1.5, "float32"))
    frames, names = walks.between_seeds(stub_model(None), [0, 1], frames=3)
    assert frames.shape == (1, 3, 4, 4, 1) and names == [""]


def test_from_class_to_class():
    model = stub_model()
    frames, names = walks.between_classes(model, ["cat", "2", "dog"], [3, 5], frames=4)
    assert frames.shape == (2, 7, 4, 4, 1) and names == ["seed 3", "seed 5"]
    for row, seed in zip(frames, (3, 5), strict=True):
        np.testing.assert_allclose(row[[0, 3, 6]], model.sample(3, [0, 2, 1], [seed] * 3, dtype="float32"), atol=1e-6)
        np.testing.assert_allclose(row[:4, 3, 0, 0], [0, 1 / 3, 2 / 3, 1], atol=1e-6)


@pytest.mark.parametrize(
    "walk, message",
    [
        (lambda: walks.between_seeds(stub_model(), [1]), "seeds: expected two or more to move between, got 1"),
        (lambda: walks.between_classes(stub_model(), ["cat"]), "classes: expected two or more .* got cat"),
        (lambda: walks.between_classes(stub_model(), ["cat", "cow"]), "classes: expected .*, got 'cow'"),
        (lambda: walks.between_seeds(stub_model(), [1, 2], frames=1), "^frames: expected a whole number of at least 2"),
        (lambda: walks.between_classes(stub_model(), [0, 1], frames=1), "^frames: expected a whole number of at least"),
        (lambda: walks.between_classes(stub_model(None), [0, 1]), "interpolate: expected a model with classes"),
    ],
)
def test_ways_that_lead_nowhere(walk, message):
    with pytest.raises(ConfigError, match=message):
        walk()


def test_a_strip_is_a_row_for_each_way():
    frames, names = walks.between_seeds(stub_model(), [4, 8], frames=3)
    np.testing.assert_array_equal(walks.strip(frames, names, "t"), class_grid(list(frames), names, "t"))


def test_a_movie_goes_there_and_back():
    frames, _ = walks.between_seeds(stub_model(), [4, 8], frames=4)
    movie = walks.movie(frames)
    assert movie.dtype == np.uint8 and movie.shape == (6, 2 * 5 * 32 + 32, 2 * 5 * 32 + 32, 1)
    np.testing.assert_array_equal(movie[[4, 5]], movie[[2, 1]])
    np.testing.assert_array_equal(walks.movie(frames, back=False), movie[:4])
    levels = movie[:, 48, 48, 0]  # upper half of the first image
    np.testing.assert_array_equal(levels[:4], np.rint(frames[0, :, 0, 0, 0] * 255))
