"""Latents and labels of images that people ask for: each row follows from its index alone."""

import functools
import math

import numpy as np
import pytest

from compare_gan2.datasets.latents import EvaluationLatents, normal, uniform
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs import draws
from compare_gan2.runs.draws import draw_labels, draw_latents, rows_of

NORMAL = EvaluationLatents(distribution_fn=normal)


def truncated_variance(bound):
    """Variance of the standard normal distribution cut at `bound` deviations on both sides."""
    density = math.exp(-bound * bound / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * bound * density / math.erf(bound / math.sqrt(2))


@pytest.mark.parametrize("truncation", [None, 0.7])
@pytest.mark.parametrize("latents", [NORMAL, EvaluationLatents(distribution_fn=normal, stddev=0.5)])
def test_row_i_is_the_same_whatever_the_count(latents, truncation):
    many = draw_latents(latents, 9, 5, seed=3, truncation=truncation)
    assert many.shape == (9, 5) and many.dtype == np.float32
    for count in (1, 4):
        np.testing.assert_array_equal(draw_latents(latents, count, 5, seed=3, truncation=truncation), many[:count])
    assert len(np.unique(many)) == 45
    assert not np.any(draw_latents(latents, 9, 5, seed=4, truncation=truncation) == many)


@pytest.mark.parametrize("truncation", [None, 0.7])
def test_rows_do_not_depend_on_how_many_are_drawn_at_once(truncation, monkeypatch):
    latents, labels = draw_latents(NORMAL, 9, 5, 3, truncation), draw_labels(9, 3, 4)
    monkeypatch.setattr(draws, "_AT_ONCE", 4)
    np.testing.assert_array_equal(draw_latents(NORMAL, 9, 5, 3, truncation), latents)
    np.testing.assert_array_equal(draw_labels(9, 3, 4), labels)


def test_draws_have_the_deviation_of_the_latents():
    drawn = draw_latents(EvaluationLatents(distribution_fn=normal, stddev=0.5), 200, 50, seed=0)
    assert drawn.std() == pytest.approx(0.5, rel=0.02) and abs(drawn.mean()) < 0.02
    drawn = draw_latents(EvaluationLatents(distribution_fn=uniform), 100, 50, seed=0)
    assert -1 <= drawn.min() < -0.99 and 0.99 < drawn.max() <= 1


@pytest.mark.parametrize("bound", [0.1, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("stddev", [1.0, 0.5])
def test_truncated_draws_are_inside_the_bound_with_the_variance_of_the_cut_distribution(bound, stddev):
    latents = EvaluationLatents(distribution_fn=normal, stddev=stddev)
    drawn = draw_latents(latents, 100, 200, seed=0, truncation=bound)
    assert np.abs(drawn).max() <= bound * stddev * (1 + 1e-6)
    assert np.abs(drawn).max() > 0.99 * bound * stddev
    assert drawn.var() == pytest.approx(truncated_variance(bound) * stddev**2, rel=0.03)
    assert abs(drawn.mean()) < 0.02 * bound
    # As often near the bound as redrawing makes it: by the distribution function at half of it.
    inside = math.erf(bound / 2 / math.sqrt(2)) / math.erf(bound / math.sqrt(2))
    assert np.mean(np.abs(drawn) < bound * stddev / 2) == pytest.approx(inside, abs=0.01)


def test_clipping_keeps_what_is_inside():
    latents = EvaluationLatents(distribution_fn=normal, stddev=0.5)
    drawn = draw_latents(latents, 50, 20, seed=0)
    clipped = draw_latents(latents, 50, 20, seed=0, truncation=0.8, truncation_by="clip")
    np.testing.assert_array_equal(clipped, np.clip(drawn, -0.4, 0.4).astype(np.float32))
    assert clipped.dtype == np.float32 and np.mean(np.abs(clipped) == np.float32(0.4)) == pytest.approx(0.42, abs=0.05)


def test_a_smaller_bound_moves_rows_towards_0():
    wide, narrow = (draw_latents(NORMAL, 20, 10, seed=0, truncation=bound) for bound in (1.5, 0.5))
    assert np.all(np.abs(narrow) < np.abs(wide)) and np.all(np.sign(narrow) == np.sign(wide))


def test_seeds_and_indices():
    many = draw_latents(NORMAL, 9, 5, seed=3)
    np.testing.assert_array_equal(draw_latents(NORMAL, 2, 5, seed=3, indices=[8, 2]), many[[8, 2]])
    other = draw_latents(NORMAL, 1, 5, seed=-7)
    np.testing.assert_array_equal(draw_latents(NORMAL, 2, 5, seed=[3, -7]), [many[0], other[0]])
    labels = draw_labels(9, 3, 50)
    np.testing.assert_array_equal(draw_labels(2, 3, 50, indices=[8, 2]), labels[[8, 2]])
    np.testing.assert_array_equal(draw_labels(2, [3, -7], 50), [labels[0], draw_labels(1, -7, 50)[0]])
    assert rows_of(3, 5).tolist() == [[5, 0], [5, 1], [5, 2]] and rows_of(2, [5, 1]).tolist() == [[5, 0], [1, 0]]


@pytest.mark.parametrize(
    "seed, indices, message",
    [
        ([1, 2], None, "seed: expected 3 of them, one for each image, got 2"),
        ([1, 2, "x"], None, "seed: expected a whole number, got 'x'"),
        ([1, 2, 2**63], None, "seed: expected at least"),
        (0, [1, 2], "indices: expected 3 of them"),
        (0, [1, 2, -1], "indices: expected a whole number of at least 0, got -1"),
        ([1, 2, 3], [1, 2, 3], "indices: expected a single seed"),
    ],
)
def test_rows_that_cannot_be_drawn(seed, indices, message):
    with pytest.raises(ConfigError, match=message):
        rows_of(3, seed, indices)


def test_an_unknown_kind_of_truncation():
    with pytest.raises(ConfigError, match="truncation_by: expected one of resample, clip, w, got 'cut'"):
        draw_latents(NORMAL, 1, 2, 0, 0.5, truncation_by="cut")


def test_a_wide_bound_cuts_nothing():
    drawn = draw_latents(NORMAL, 100, 200, seed=0, truncation=20.0)
    assert drawn.var() == pytest.approx(1.0, rel=0.03) and np.abs(drawn).max() > 3.5


def test_a_function_with_bindings_is_the_function():
    latents = EvaluationLatents(distribution_fn=functools.partial(normal))
    assert draw_latents(latents, 2, 3, seed=0, truncation=0.5).shape == (2, 3)


@pytest.mark.parametrize("truncation", [0, -1.0, float("nan")])
def test_a_bound_is_above_zero(truncation):
    with pytest.raises(ConfigError, match="truncation: expected a number above 0, got "):
        draw_latents(NORMAL, 1, 2, seed=0, truncation=truncation)


def test_only_normal_latents_can_be_truncated():
    with pytest.raises(ConfigError, match="truncation: expected normal latents of mean 0, the model has uniform"):
        draw_latents(EvaluationLatents(distribution_fn=uniform), 1, 2, seed=0, truncation=0.5)


def test_labels_are_the_same_whatever_the_count():
    many = draw_labels(40, 3, 7)
    assert many.dtype == np.int32 and set(many) <= set(range(7)) and len(set(many)) > 3
    np.testing.assert_array_equal(draw_labels(11, 3, 7), many[:11])
    assert np.any(draw_labels(40, 4, 7) != many)


def test_labels_follow_their_distribution():
    uniform_labels = np.bincount(draw_labels(600, 0, 4), minlength=4) / 600
    np.testing.assert_allclose(uniform_labels, 0.25, atol=0.06)
    shares = np.array([0.5, 0.0, 0.3, 0.2])
    drawn = np.bincount(draw_labels(600, 0, 4, shares), minlength=4) / 600
    np.testing.assert_allclose(drawn, shares, atol=0.06)
    assert drawn[1] == 0


@pytest.mark.parametrize("seed", [2**63, 2**70, -(2**63) - 1])
def test_a_seed_beyond_64_bits_is_refused_and_the_next_one_draws(seed):
    expected = draw_latents(NORMAL, 2, 3, seed=5)
    with pytest.raises(ConfigError, match=f"seed: expected at least .* got {seed}"):
        draw_latents(NORMAL, 2, 3, seed=seed)
    np.testing.assert_array_equal(draw_latents(NORMAL, 2, 3, seed=5), expected)
    assert not np.any(draw_latents(NORMAL, 2, 3, seed=2**63 - 1) == draw_latents(NORMAL, 2, 3, seed=-(2**63)))
