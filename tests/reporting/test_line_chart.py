import re

import numpy as np
import pytest
from matplotlib.axes import Axes

from compare_gan2.reporting.line_chart import Line, line_chart
from compare_gan2.reporting.palette import line_colors


def drawn(monkeypatch):
    """What is plotted, as a list of (x, y, {style})."""
    found, plot = [], Axes.plot
    monkeypatch.setattr(
        Axes, "plot", lambda self, x, y, **style: (found.append((x, y, style)), plot(self, x, y, **style))[1]
    )
    return found


def test_chart_takes_its_colours_from_the_page_and_has_names_of_its_own():
    lines = [Line(name, [0, 10], [2.0, 1.0], number=number) for number, name in enumerate("ab")]
    chart = line_chart("FID", lines, key="first")
    assert not re.findall(r"#[0-9a-f]{6}\b", chart.svg) and "var(--ink)" in chart.svg
    assert set(re.findall(r"--line-(\d+)", chart.svg)) == {"0", "1"}
    assert all(name.startswith("first-") for name in re.findall(r'id="([^"]+)"', chart.svg))
    assert all(name.startswith("first-") for name in re.findall(r'(?:url\(|href=")#([^")]+)', chart.svg))
    assert "http" not in chart.svg and not re.search(r"<svg[^>]* (width|height)=", chart.svg)
    assert [name for _, _, name in chart.legend] == ["a", "b"] and len({sign for _, sign, _ in chart.legend}) == 2
    assert line_chart("FID", lines, key="first") == chart  # the same bytes each time


def test_alternative_text_has_the_ends_of_the_lines():
    chart = line_chart("FID <b>", [Line('"a"', [0, 5, 10], [2.5, np.nan, 1.0])], key="x", level=(0.25, "chance"))
    label = re.search(r'aria-label="([^"]+)"', chart.svg).group(1)
    assert label == "FID &lt;b&gt;. &quot;a&quot;: 2.5 at 0 to 1 at 10. Dashed: chance, 0.25."


def test_a_single_checkpoint_is_a_point(monkeypatch):
    found = drawn(monkeypatch)
    chart = line_chart("FID", [Line("", [100], [2.5], [2.0], [3.0], band=True)], key="x")
    ((x, y, style),) = found
    assert (x.tolist(), y.tolist(), style["marker"]) == ([100], [2.5], "o")
    assert ">100<" in chart.svg and chart.legend == []  # the tick is the step
    noisy = line_chart("loss", [Line("", [1], [0.5], raw=True)], key="y")
    assert "0.5 at 1" in noisy.svg and found[-1][2]["marker"] == "o"


def test_gaps_and_spikes(monkeypatch):
    found = drawn(monkeypatch)
    line_chart("FID", [Line("", [0, 1, 2], [1.0, np.nan, 2.0])], key="x")
    assert np.isnan(found[0][1][1])
    limits, set_ylim = [], Axes.set_ylim
    monkeypatch.setattr(
        Axes, "set_ylim", lambda self, *ends, **more: (limits.append(ends), set_ylim(self, *ends, **more))
    )
    values = np.ones(1000)
    values[500] = 1e6
    line_chart("loss", [Line("", np.arange(1000), values, raw=True)], key="x")
    assert limits[0] == (0.5, 1.5)  # setting them makes matplotlib work out the automatic ones, too
    limits.clear()
    rising = np.where(np.arange(1000) < 8, 0.25, 0.9)
    flat = [Line(str(number), np.arange(1000), np.full(1000, 0.95), number=number, raw=True) for number in (1, 2, 3)]
    line_chart("accuracy", [Line("0", np.arange(1000), rising, raw=True), *flat], key="x")
    assert limits[0][0] < 0.25 and limits[0][1] < 1.1  # all of a line is seen, however many others there are


@pytest.mark.parametrize("values", [[1.0, 1.0], [0.0, 5.0], [-1.0, 1e-9], [1e30, 1e-30]])
def test_any_values_can_be_drawn(values):
    for logarithmic in (False, True):
        assert "<svg" in line_chart("t", [Line("a", [0, 1], values)], key="k", logarithmic=logarithmic).svg


def test_many_lines_have_different_colours():
    lines = [Line(f"loss {number}", [0, 1], [number, 1], number=number) for number in range(20)]
    chart = line_chart("losses", lines, key="k")
    assert {int(number) for number in re.findall(r"--line-(\d+)", chart.svg)} == set(range(20))
    assert len(set(line_colors(20))) == 20
    assert "8 more lines" in chart.svg
