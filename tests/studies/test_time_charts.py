"""A study's distance over time: which lines there are, and where their points lie."""

import io

import matplotlib.figure
import pytest
from PIL import Image

from compare_gan2.studies.plan import Setting, Study
from compare_gan2.studies.results import RESULT_COLUMNS
from compare_gan2.studies.summary import Summary
from compare_gan2.studies.time_charts import MOST_SETTINGS, minutes_chart, minutes_lines


def row(config, seed, step, value, seconds):
    cells = dict(config=config, seed=str(seed), step=str(step), value=str(value), train_seconds=seconds, metric="fid")
    return dict.fromkeys(RESULT_COLUMNS, "") | cells


def summary_of(configs, rows, **options):
    study = Study(configs, [0, 1], "unused.csv", **options)
    return Summary(study, rows, {Setting(config): None for config in configs})


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are written as pictures."""
    figures, write = [], matplotlib.figure.Figure.savefig
    monkeypatch.setattr(
        matplotlib.figure.Figure, "savefig", lambda self, *to, **how: figures.append(self) or write(self, *to, **how)
    )
    return figures


ROWS = [
    *(row("fast.gin", seed, 0, 40.0, "0") for seed in (0, 1)),
    *(row("fast.gin", seed, 8, value, seconds) for seed, value, seconds in ((0, 2.0, "60.0"), (1, 4.0, "120.0"))),
    *(row("slow.gin", seed, step, value, seconds) for seed in (0, 1) for step, value, seconds in ((8, 3.0, "300.0"),)),
    *(row("old.gin", 0, step, 5.0, seconds) for step, seconds in ((0, "0"), (8, ""))),
]


def test_points_are_means_of_both_and_bars_span_the_runs(drawn):
    summary = summary_of(["slow.gin", "fast.gin", "old.gin"], ROWS, baseline="slow.gin")
    with Image.open(io.BytesIO(minutes_chart(summary, "fid"))) as picture:
        assert picture.size == (1170, 702)
    (panel,) = drawn[0].axes
    lines = {container.get_label(): container.lines for container in panel.containers}
    assert lines.keys() == {"slow.gin (baseline)", "fast.gin"}
    points, _, (bars,) = lines["fast.gin"]
    assert points.get_xydata().tolist() == [[0.0, 40.0], [1.5, 3.0]]
    assert [bar[:, 1].tolist() for bar in bars.get_segments()] == [[40.0, 40.0], [2.0, 4.0]]
    assert panel.get_yscale() == "log" and panel.get_xlim()[0] == 0


def test_a_page_has_the_same_lines():
    summary = summary_of(["slow.gin", "fast.gin", "old.gin"], ROWS, baseline="slow.gin")
    (chart,) = minutes_lines(summary, "fid")
    assert [name for *_, name in chart.legend] == ["slow.gin (baseline)", "fast.gin"]


def test_nothing_without_times_or_with_too_many_lines():
    without = summary_of(["old.gin"], [row for row in ROWS if row["config"] == "old.gin"])
    names = [f"{number}.gin" for number in range(MOST_SETTINGS + 1)]
    many = summary_of(names, [row(name, 0, 8, 2.0, "60") for name in names])
    for summary in (without, many):
        assert minutes_chart(summary, "fid") is None and minutes_lines(summary, "fid") == []
