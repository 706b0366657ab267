"""Bounds as `evaluate` takes them, and a sampler within one."""

import types

import pytest

from compare_gan2.datasets.latents import Latents, normal, uniform
from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.evaluation.truncation import checked_bounds, truncated
from compare_gan2.ground.errors import ConfigError


def sampler(function=normal):
    return types.SimpleNamespace(latents=Latents(function), truncation="none")


def test_one_number_a_list_and_none():
    assert checked_bounds(None, None) == [None]
    assert checked_bounds(0.5, sampler()) == [0.5]
    assert checked_bounds((0.5, 1, None), sampler()) == [0.5, 1, None]


@pytest.mark.parametrize(
    ("truncation", "given", "message"),
    [
        (0.5, None, "--truncation: images that exist cannot be truncated"),
        ([], sampler(), "--truncation: expected different numbers above 0, got \\[\\]"),
        ([1, 1.0], sampler(), "--truncation: expected different numbers"),
        ([0.5, 0], sampler(), "--truncation: expected numbers above 0, got 0"),
        (1, sampler(uniform), "--truncation: expected a model with normal latents"),
    ],
)
def test_what_cannot_be_truncated_is_refused(truncation, given, message):
    with pytest.raises(ConfigError, match=message):
        checked_bounds(truncation, given)


def test_the_sampler_is_as_before_afterwards():
    this = sampler()
    with pytest.raises(KeyError), truncated(this, 0.5):
        assert this.latents == TruncatedLatents(Latents(normal), 0.5) and "within 0.5" in this.truncation
        raise KeyError
    assert (this.latents, this.truncation) == (Latents(normal), "none")
    with truncated(this, None):
        assert this.truncation == "none"
