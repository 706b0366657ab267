"""Minutes until a distance is reached: between which checkpoints, and what tables say."""

import math

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.studies.markdown import markdown_table
from compare_gan2.studies.minutes_to_target import minutes_to_target
from compare_gan2.studies.plan import Setting, Study
from compare_gan2.studies.results import RESULT_COLUMNS
from compare_gan2.studies.summary import Summary

A, B = Setting("a.gin"), Setting("b.gin")


def row(config, seed, step, value, seconds):
    cells = dict(config=config, seed=str(seed), step=str(step), value=str(value), train_seconds=seconds, metric="fid")
    return dict.fromkeys(RESULT_COLUMNS, "") | cells


ROWS = [
    *(row("a.gin", 0, step, value, seconds) for step, value, seconds in ((0, 40, "0"), (4, 8, "60"), (8, 2, "180"))),
    *(row("a.gin", 1, step, value, seconds) for step, value, seconds in ((0, 40, "0"), (4, 9, "60"), (8, 5, "120"))),
    *(row("b.gin", 0, step, value, seconds) for step, value, seconds in ((0, 40, "0"), (8, 2, ""))),
]


def summary_of(fractions=None, **options):
    study = Study(["a.gin", "b.gin"], [0, 1], "unused.csv", **options)
    return Summary(study, ROWS, fractions or {A: None, B: None})


def test_the_logarithm_of_the_distance_is_linear_in_time():
    found = minutes_to_target(summary_of(target=4.0), A)
    assert found == {0: pytest.approx(1 + 2 * 0.5), 1: None}
    assert minutes_to_target(summary_of(target=5.0), A) == {
        0: pytest.approx(1 + 2 * math.log(8 / 5) / math.log(4)),
        1: pytest.approx(2.0),
    }
    assert minutes_to_target(summary_of(target=50.0), A) == {0: 0.0, 1: 0.0}
    assert minutes_to_target(summary_of(target=4.0), B) == {}


def test_a_table_gets_a_column_and_says_how_many_runs_got_there():
    lines = markdown_table(summary_of(target=4.0)).splitlines()
    assert lines[0].endswith("| Minutes to FID 4 |")
    assert lines[2].endswith("| 1 of 2 runs: 2 |") and lines[3].endswith("| - |")
    assert markdown_table(summary_of(target=1.0)).splitlines()[2].endswith("| 0 of 2 runs |")
    assert markdown_table(summary_of(target=5.0)).splitlines()[2].endswith("| 1.839 ± 0.23 |")
    assert "Minutes" not in markdown_table(summary_of())


def test_a_target_is_a_positive_number():
    with pytest.raises(ConfigError, match="study.target: expected"):
        summary_of(target=0.0)
