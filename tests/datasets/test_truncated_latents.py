"""Truncated latents are those of drawing again whatever is beyond."""

import functools

import numpy as np
import pytest
import scipy.stats

from compare_gan2.datasets.latents import Latents, normal, truncated_normal, uniform
from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import fold

SEED = fold(3, "test")


@pytest.mark.parametrize(("bound", "stddev"), [(0.04, 1.0), (0.5, 1.0), (2.0, 0.7)])
def test_the_distribution_is_the_normal_one_cut(bound, stddev):
    drawn = TruncatedLatents(Latents(normal, stddev=stddev), bound)([500, 40], SEED).numpy()
    assert drawn.dtype == np.float32 and np.abs(drawn).max() <= bound * stddev * (1 + 1e-6)
    cut = scipy.stats.truncnorm(-bound, bound, 0, stddev)
    assert scipy.stats.kstest(drawn.ravel().astype(np.float64), cut.cdf).pvalue > 0.01


def test_draws_follow_the_seed():
    latents = TruncatedLatents(Latents(normal), 1.0)
    np.testing.assert_array_equal(latents([4, 3], SEED), latents([4, 3], SEED))
    assert not np.array_equal(latents([4, 3], SEED), latents([4, 3], fold(4, "test")))


def test_words():
    assert TruncatedLatents(Latents(normal), 0.4).description == "normal(stddev=1.0) resampled within 0.4 deviations"
    assert TruncatedLatents(Latents(normal), 1).description.endswith("within 1 deviation")
    names = [Latents(function).family for function in (normal, truncated_normal, uniform)]
    assert names == ["normal", "truncated_normal", "uniform"]
    assert Latents(functools.partial(normal, mean=1.0)).family == "normal"


@pytest.mark.parametrize("bound", [0, -1.0, float("nan"), "1", True, None])
def test_bounds_that_cannot_be(bound):
    with pytest.raises(ConfigError, match="--truncation: expected numbers above 0, got"):
        TruncatedLatents(Latents(normal), bound)


@pytest.mark.parametrize("function", [uniform, truncated_normal])
def test_other_latents_are_not_truncated(function):
    with pytest.raises(ConfigError, match="--truncation: expected a model with normal .* of mean 0, this one has "):
        TruncatedLatents(Latents(function), 1.0)
