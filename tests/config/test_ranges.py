"""Every option says which values it takes, as a range, a closed set or a reason; the page of options shows them."""

from typing import Annotated, Literal

import pytest

import compare_gan2.studies.plan  # noqa: F401, declares study.*
from compare_gan2.architectures import make_generator
from compare_gan2.config.declare import declared, parameters, selector, signature
from compare_gan2.config.matching import describe, is_stated, matches
from compare_gan2.config.option_pages import options_page
from compare_gan2.config.ranges import AnyOf, Count, Decay, FolderName, Items, Positive, PositiveShare, Range, Seed
from compare_gan2.datasets.labels.label_options import LabelOptions
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.ground.errors import ConfigError


def test_every_option_states_its_values():
    ours = [target for target in declared() if target.__module__.startswith("compare_gan2.")]
    hints = {f"{selector(target)}.{name}": signature(target)[1][name] for target in ours for name in parameters(target)}
    assert len(hints) > 200
    assert not [name for name, hint in hints.items() if not is_stated(hint)]


@pytest.mark.parametrize("hint", [int, float, str, object, list[str], int | None, None])
def test_a_type_alone_states_nothing(hint):
    assert not is_stated(hint)


@pytest.mark.parametrize(
    "hint, right, wrong",
    [
        (Count, [1, 10**9], [0, -1, 10**9 + 1, 10**400, 1.0, True, None]),
        (Seed, [0, 2**32 - 1], [-1, 2**32]),
        (Decay, [0, 0.999], [1, 1.0, -1e-9, float("nan"), "0.5"]),
        (PositiveShare, [1, 5e-324], [0, 0.0, 1.0000001]),
        (Positive, [1, 1e-37, 3e38], [0, -1, 1e-38, 4e38, float("inf"), float("nan"), 10**400]),
        (float, [0, -3e38], [float("inf"), float("nan"), 10**39]),
        (FolderName, ["runs/a b", "ü"], ["", " ", "gs://b/x", "a\nb", "a\0b", "x" * 300, 3]),
        (Annotated[list[Count], Items(2)], [[1], (1, 2)], [[], [0], [1, 2, 3], 1]),
        (Annotated[str, AnyOf("why")], ["", "x"], [1]),
        (Literal["a"], ["a"], [["a"], 1]),
    ],
)
def test_values_in_a_range_and_outside(hint, right, wrong):
    assert all(matches(value, hint) for value in right) and not any(matches(value, hint) for value in wrong)


def test_words():
    assert describe(Annotated[int, Range(1, 8)] | None) == "a whole number from 1 to 8 or None"
    assert describe(PositiveShare) == "a number above 0 and at most 1"
    assert describe(Decay) == "a number of at least 0 and below 1"
    assert describe(Positive) == "a number above 0 (in float32, 1e-37 to 3e+38)"


def test_the_page_shows_ranges_and_reasons():
    page = options_page()
    assert "| `ema_decay` | a number of at least 0 and below 1 | `0.9999` |" in page
    assert "| `architecture` | text (names of architectures, checked before anything is built) | required |" in page


def test_values_from_python_are_checked_like_bindings():
    with pytest.raises(ConfigError, match=r"^labels\.noise: expected a number from 0 to 1, got 2$"):
        LabelOptions(noise=2)
    with pytest.raises(ConfigError, match=r"^dcgan\.Generator\.ch: expected a whole number from 1 to 8192, got 0$"):
        make_generator("dcgan_arch", image_shape=(32, 32, 3), z_dim=8, ch=0)
    with pytest.raises(ConfigError, match=r"^ModularGAN\.g_lr: expected a number above 0 .*, got -1$"):
        ModularGAN(None, None, g_lr=-1)
