"""Which values a type hint takes, and how a message names what was expected."""

import functools
from collections.abc import Callable
from typing import Literal

import pytest

from compare_gan2.config.matching import check_type, describe, matches
from compare_gan2.gans.losses import AdversarialLoss, Hinge
from compare_gan2.ground.errors import ConfigError


@pytest.mark.parametrize(
    "value, hint",
    [
        (1, int),
        (1, float),
        (0.5, float),
        (True, bool),
        (None, int | None),
        ("a", Literal["a", "b"]),
        ([1, 2], list[int]),
        ((1, 2), list[int]),
        ([], list[str]),
        ((1.0, 2), tuple[float, ...]),
        (len, Callable),
        (functools.partial(len), Callable | None),
        (Hinge, type[AdversarialLoss]),
        (Hinge, type),
        (object(), object),
    ],
)
def test_fits(value, hint):
    assert matches(value, hint)


@pytest.mark.parametrize(
    "value, hint",
    [
        (1.0, int),
        (True, int),
        (True, float),
        ("1", float),
        (None, int),
        ("c", Literal["a", "b"]),
        (["1"], list[int]),
        ("ab", list[str]),
        (Hinge, Callable),
        (int, type[AdversarialLoss]),
        (Hinge(), type[AdversarialLoss]),
    ],
)
def test_does_not_fit(value, hint):
    assert not matches(value, hint)
    with pytest.raises(ConfigError, match="^here: expected .*, got "):
        check_type("here", value, hint)


def test_words():
    assert describe(Literal["a", "b"] | None) == "one of 'a', 'b' or None"
    assert describe(int | None) == "a whole number or None"
    assert describe(Callable | None) == "a function (@name) or None"
    losses = describe(type[AdversarialLoss])  # with those of other modules, if they are imported
    assert losses.startswith("one of @hinge, @least_squares, ") and losses.endswith("@wasserstein")
    assert describe(type) == "a class (@name)"
