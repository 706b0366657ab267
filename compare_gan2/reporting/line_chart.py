"""Charts of a page: inline SVG whose colours follow the page, light or dark, with a legend that is text."""

import dataclasses
import io
import re

import numpy as np

from compare_gan2.reporting.palette import AXIS, GRID, INK, MARKER_SIGNS, MARKERS, line_colors
from compare_gan2.reporting.thinning import smoothed, thinned

_MOST_POINTS = 300  # of a line; the chart is not much wider in pixels
_SIZE = (4.4, 2.7)  # inches at 72 per inch: the least width on a phone, where text keeps its size
_SHOWN_MARKERS = 6
_PAGE_COLORS = {INK: "var(--ink)", GRID: "var(--grid)", AXIS: "var(--axis)", "#ffffff": "var(--paper)"}


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a chart, or a point if it has one value.

    Attributes:
        name: for the legend.
        x, y: numbers, as many of each; NaN leaves a gap.
        low, high: as many, the ends of a bar at each point or of a band; or None.
        number: of its colour, from 0; two lines of one page that mean different things have different ones.
        band: whether `low` and `high` are a band around the line, else bars at its points.
        dashed: whether the line is dashed, as a baseline is.
        raw: whether the values are noisy: they are drawn pale behind their moving average.
    """

    name: str
    x: list
    y: list
    low: list | None = None
    high: list | None = None
    number: int = 0
    band: bool = False
    dashed: bool = False
    raw: bool = False


@dataclasses.dataclass(frozen=True)
class Chart:
    """A chart of a page.

    Attributes:
        title: text above it.
        svg: an element `svg`.
        legend: list of (number of the colour, sign of the marker, name); empty for a single line without a name.
    """

    title: str
    svg: str
    legend: list


def line_chart(title, lines, *, key, logarithmic=False, level=None, ticks=None, x_label="step", like=None):
    """`Chart` of the lines.

    Args:
        title: text above it; it begins the alternative text.
        lines: list of `Line`, at least one with a value that is finite.
        key: text that is unique on the page; the SVG's names begin with it.
        logarithmic: whether the y axis is logarithmic, if all values are positive.
        level: (number, text) of a dashed line across, such as chance; None for none.
        ticks: {x: text} in place of numbers on the x axis.
        x_label: text below it.
        like: lines whose values the axes span, so that several charts have the same ones; None: those drawn.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=72, layout="constrained", facecolor="none")
    FigureCanvasAgg(figure)  # not pyplot, which would keep state and choose a backend
    panel = figure.add_subplot()
    panel.set_facecolor("none")
    colors = line_colors(max(line.number for line in lines) + 1)
    for line in lines:
        _draw(panel, line, colors[line.number])
    _scale_values(panel, like or lines, logarithmic)
    if level is not None:
        panel.axhline(level[0], color=AXIS, linestyle=(0, (2, 2)), linewidth=1, zorder=1)
    _scale_steps(panel, like or lines, ticks)
    panel.set_xlabel(x_label, fontsize=10, color=INK)
    panel.grid(True, color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=10, colors=INK, color=AXIS)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(AXIS)
    legend = [(line.number, MARKER_SIGNS[line.number % len(MARKER_SIGNS)], line.name) for line in lines if line.name]
    text = _description(title, lines) + ("" if level is None else f" Dashed: {level[1]}, {level[0]:.4g}.")
    return Chart(title, _svg(figure, text, key, colors), legend)


def _draw(panel, line, color):
    x, y = np.asarray(line.x, np.float64), np.asarray(line.y, np.float64)
    known = np.flatnonzero(np.isfinite(y))
    style = dict(color=color, linewidth=1.8, linestyle="--" if line.dashed else "-", zorder=3)
    if line.raw:
        x, y = x[known], y[known]
        panel.plot(*thinned(x, y, _MOST_POINTS), color=color, alpha=0.25, linewidth=0.8, zorder=1.5)
        x, y = thinned(x, smoothed(y), _MOST_POINTS)
    few = len(known) <= 40 and not line.raw
    every = 1 if few or len(y) < _SHOWN_MARKERS else max(1, len(y) // _SHOWN_MARKERS)
    start = 0 if every == 1 else line.number * every // 4 % every  # so that markers of lines do not hide each other
    marker = MARKERS[line.number % len(MARKERS)]
    panel.plot(x, y, marker=marker, markersize=4.5, markevery=(start, every), **style)
    if line.low is None:
        return
    low, high = np.asarray(line.low, np.float64), np.asarray(line.high, np.float64)
    if line.band and len(x) > 1:
        panel.fill_between(x, low, high, color=color, alpha=0.18, linewidth=0)
    else:
        errors = [np.maximum(y - low, 0), np.maximum(high - y, 0)]
        panel.errorbar(x, y, yerr=errors, fmt="none", ecolor=color, elinewidth=1.3, capsize=3, zorder=2.5)


def _scale_values(panel, lines, logarithmic):
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    values = np.concatenate([np.asarray(part, np.float64) for line in lines for part in (line.y, line.low, line.high)
                             if part is not None])  # fmt: skip
    values = values[np.isfinite(values)]
    if logarithmic and len(values) and values.min() > 0:
        panel.set_yscale("log", nonpositive="clip")
        panel.set_ylim(values.min() / 1.2, values.max() * 1.2)
        wide = values.max() / values.min() > 20
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if wide else (1, 1.5, 2, 3, 4, 5, 6, 7, 8)))
        panel.yaxis.set_minor_formatter(NullFormatter())
    else:
        if lines and all(line.raw for line in lines):
            # Single spikes do not flatten the rest; of each line, else the start of one among many is a spike.
            known = [y[np.isfinite(y)] for y in (np.asarray(line.y, np.float64) for line in lines)]
            ends = np.array([np.percentile(y, [0.5, 99.5]) for y in known if len(y)])
            low, high = ends[:, 0].min(), ends[:, 1].max()
            margin = 0.06 * (high - low) or 0.5
            panel.set_ylim(low - margin, high + margin)
        elif len(set(values.tolist())) == 1:
            panel.margins(y=0.6)
        panel.yaxis.set_major_locator(MaxNLocator(5))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))


def _scale_steps(panel, lines, ticks):
    from matplotlib.ticker import EngFormatter, MaxNLocator

    low = min(float(np.min(line.x)) for line in lines)
    high = max(float(np.max(line.x)) for line in lines)
    if ticks is not None:
        panel.set_xticks(list(ticks), ticks.values())
        panel.set_xlim(min(ticks) - 0.4, max(ticks) + 0.4)
        return
    margin = 0.04 * (high - low) or max(1.0, 0.5 * high)  # a single point is in the middle
    panel.set_xlim(low - margin, high + margin)
    if low == high:
        panel.set_xticks([low])
    else:
        panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    if high >= 10000:
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))


def _description(title, lines):
    """Alternative text: what the chart shows and where its lines begin and end; a page has the numbers in a table."""
    parts = []
    for line in lines[:12]:
        known = [(x, y) for x, y in zip(line.x, line.y, strict=True) if np.isfinite(y)]
        name = f"{line.name}: " if line.name else ""
        if len(known) == 1:
            parts.append(f"{name}{known[0][1]:.4g} at {known[0][0]:g}")
        elif known:
            parts.append(f"{name}{known[0][1]:.4g} at {known[0][0]:g} to {known[-1][1]:.4g} at {known[-1][0]:g}")
    more = f"; {len(lines) - 12} more lines" if len(lines) > 12 else ""
    return f"{title}. {'; '.join(parts)}{more}."


def _svg(figure, description, key, colors):
    """The figure as an element `svg` with names of its own, the page's colours and no size but its proportions."""
    from html import escape

    import matplotlib

    file = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": key}):
        figure.savefig(file, format="svg", metadata=nothing, transparent=True)
    text = file.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL).replace("xlink:href", "href")
    text = re.sub(r' id="', f' id="{key}-', text)
    text = re.sub(r'(url\(#|href="#)', rf"\1{key}-", text)
    box = re.search(r'viewBox="[^"]+"', text).group()
    start = f'<svg {box} role="img" aria-label="{escape(description)}" focusable="false">'
    text = re.sub(r"<svg[^>]*>", lambda _: start, text, count=1)
    names = _PAGE_COLORS | {color: f"var(--line-{number})" for number, color in enumerate(colors)}
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: names.get(found.group(), found.group()), text)
