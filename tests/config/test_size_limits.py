"""Configurations that would keep a reader busy or fill the memory: one message, at once."""

import time

import pytest

from compare_gan2.config import config_files
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.config.size_limits import MOST_BYTES, MOST_INCLUDED, MOST_NESTED
from compare_gan2.ground.errors import ConfigError

CIRCLES = [f"m{i} = [%m{(7 * i + 1) % 30}, %m{(5 * i + 2) % 30}, %m{(i + 3) % 30}]" for i in range(30)]


@pytest.fixture(autouse=True)
def quick():
    """Whatever is refused here is refused in seconds, not hours."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "bindings, message",
    [
        (["options.z_dim = " + "[" * 100_000 + "]" * 100_000], "inside each other"),
        (["options.z_dim = " + "[" * 100_000], "inside each other"),
        (["options.z_dim = " + "(" * 100_000 + "1"], "inside each other"),
        (["options.z_dim = " + "{1: " * 60 + "1" + "}" * 60], "at most 50 brackets inside each other, got 60"),
        ([*(f"m{i} = [%m{i + 1}, %m{i + 1}]" for i in range(60)), "m60 = 1", "options.z_dim = %m0"], "%m0: .*nested"),
        (
            [*(f"m{i} = [{f'%m{i + 1}, ' * 100}]" for i in range(5)), "m5 = 1", "options.z_dim = %m0"],
            "1,000,000 members",
        ),
        ([*CIRCLES, "options.z_dim = [%m0, 1]"], r"options.z_dim: the macro in \[%m0, 1\] has no value, it leads to"),
    ],
)
def test_values_without_measure(bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        parse([], bindings)
    assert len(str(caught.value)) < 1000


def test_values_within_the_limits():
    assert parse([], ["options.z_dim = " + "[" * MOST_NESTED + "]" * MOST_NESTED]).bound_value(Options, "z_dim")


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 10_000_000])
def test_a_large_file(tmp_path, size):
    (tmp_path / "large.gin").write_text("#" * (size - 1) + "\n")
    with pytest.raises(ConfigError, match=r"large.gin: a configuration may have 262,144 bytes, got more"):
        parse([tmp_path / "large.gin"])


def test_files_that_include_each_other_twice_each(tmp_path):
    for number in range(20):
        (tmp_path / f"{number}.gin").write_text(f"include '{number + 1}.gin'\n" * 2 + "#" * 100 + "\n")
    (tmp_path / "20.gin").write_text("options.z_dim = 3\n")
    with pytest.raises(ConfigError, match=r"\d+.gin: a configuration may have 262,144 bytes") as caught:
        parse([tmp_path / "0.gin"])
    assert "\n" not in str(caught.value)


def test_files_inside_each_other(tmp_path):
    for number in range(1200):
        (tmp_path / f"{number}.gin").write_text(f"include '{number + 1}.gin'\n")
    (tmp_path / "1200.gin").write_text("options.z_dim = 3\n")
    for read in (parse, config_files.texts_of):
        with pytest.raises(
            ConfigError, match=rf"include: files may include each other {MOST_INCLUDED} deep; .*0.gin leads to"
        ):
            read([tmp_path / "0.gin"])
    within = [tmp_path / f"{1201 - MOST_INCLUDED}.gin"]
    assert parse(within).bound_value(Options, "z_dim") == 3 and len(config_files.texts_of(within)) == MOST_INCLUDED


def test_the_shipped_configurations_are_far_from_the_limits():
    for name in config_files.shipped_names():
        assert sum(map(len, config_files.texts_of([name]).values())) < 10_000
