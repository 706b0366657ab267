"""Charts of a study as PNG bytes: FID against label fraction (Lucic et al. 2019, figure 1), and training curves."""

import io
import statistics

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from compare_gan2.studies.markdown import row_title, rows_by_fraction
from compare_gan2.studies.results import setting_of

_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a6761d", "#56b4e9", "#7a5195", "#555555")  # colour-blind safe
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_INK = "#222222"
_NO_FRACTION_X = 0.0


def fraction_chart(summary, metric="fid"):
    """PNG bytes: a line per method over its label fractions, those without one at the left, the baseline as a line.

    Points are means, bars one sample standard deviation over seeds; every line is labelled at its end.

    Args:
        summary: `Summary` that has scores of the metric.
        metric: whose mean is drawn.
    """
    rows = [row for row in rows_by_fraction(summary) if any(summary.cell(s, metric).values for s in row.values())]
    fractions = sorted({setting.fraction for row in rows for setting in row.values()} - {None})
    places = {None: _NO_FRACTION_X} | {fraction: 1.0 + number for number, fraction in enumerate(fractions)}
    figure, panel = _figure(9.0, 6.0)
    baseline = summary.study.baseline
    labels = {"left": [], "right": []}
    for number, row in enumerate(rows):
        cells = [(places[f], summary.cell(row[f], metric)) for f in sorted(row, key=lambda f: f or 0)]
        cells = [(x, cell) for x, cell in cells if cell.values]
        x, y = [x for x, _ in cells], [cell.mean for _, cell in cells]
        color, name = _COLORS[number % len(_COLORS)], row_title(summary, row)
        if baseline is not None and all(setting.config == baseline for setting in row.values()):
            panel.axhline(y[0], color=_INK, linestyle="--", linewidth=1.4, zorder=1)
            labels["right"].append((y[0], f"{name} (baseline)", _INK))
            continue
        errors = [cell.std or 0.0 for _, cell in cells]
        marker = _MARKERS[number // len(_COLORS) % len(_MARKERS)] if len(x) == 1 else _MARKERS[number % len(_MARKERS)]
        panel.errorbar(x, y, yerr=errors, color=color, marker=marker, markersize=7, linewidth=1.9, capsize=3, zorder=3)
        side = "left" if x[-1] == _NO_FRACTION_X else "right"
        labels[side].append((y[-1], name, color))
    positive = _log_axis(
        panel, [cell.mean for row in rows for cell in [summary.cell(s, metric) for s in row.values()] if cell.values]
    )
    panel.set_xlim(-1.3 if labels["left"] else 0.6, max(places.values()) + 1.5)
    panel.set_xticks(list(places.values()) if labels["left"] else list(places.values())[1:])
    names = (["no labels\nin the name"] if labels["left"] else []) + [f"{fraction:g} %" for fraction in fractions]
    panel.set_xticklabels(names)
    _label(panel, labels["left"], -0.12, "right", positive)
    _label(panel, labels["right"], max(places.values()) + 0.12, "left", positive)
    panel.set_xlabel("training images with a label", color=_INK)
    panel.set_ylabel(f"{summary.titles[metric]}, mean ± standard deviation over seeds", color=_INK)
    return _png(figure)


def score_curves(summary, metric="fid"):
    """PNG bytes: the metric over the steps, per method the mean over seeds with a band from the lowest to the highest.

    Args:
        summary: `Summary` that has scores of the metric.
        metric: that is drawn.
    """
    lines = {}
    for setting in summary.settings:
        by_step = {}
        for row in summary.rows:
            if (setting_of(row), row["metric"]) == (setting, metric):
                by_step.setdefault(int(row["step"]), []).append(float(row["value"]))
        if by_step:
            steps = sorted(by_step)
            lines[summary.label(setting)] = (steps, [by_step[step] for step in steps])
    return _curves({summary.titles[metric]: lines}, logarithmic=True)


def loss_curves(losses):
    """PNG bytes: a panel per loss, per method the mean over seeds with a band from the lowest to the highest.

    Args:
        losses: {label: list of {"step": [n], name: [n]}, one per run}.
    """
    panels = {}
    for label, runs in losses.items():
        for name in sorted({name for run in runs for name in run if name != "step"}):
            having = [run for run in runs if name in run]
            longest = max(having, key=lambda run: run["step"][-1])["step"]
            values = [  # a run that is not as far as the others ends earlier
                [np.interp(step, run["step"], run[name]) for run in having if step <= run["step"][-1] + 1e-9]
                for step in longest
            ]
            panels.setdefault(name.replace("_", " "), {})[label] = (longest, values)
    return _curves(panels)


def _curves(panels, logarithmic=False):
    labels = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    styles = {
        label: (_COLORS[n % len(_COLORS)], ("-", "--", ":", "-.")[n // len(_COLORS) % 4])
        for n, label in enumerate(labels)
    }
    figure = Figure(figsize=(9.0, 4.2 * len(panels) + 0.24 * len(labels)), dpi=130, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, squeeze=False)[:, 0]
    for panel, (title, lines) in zip(axes, panels.items(), strict=True):
        for label, (steps, values) in lines.items():
            color, style = styles[label]
            panel.plot(steps, [statistics.mean(v) for v in values], style, color=color, linewidth=1.7, label=label)
            panel.fill_between(steps, [min(v) for v in values], [max(v) for v in values], color=color, alpha=0.13, lw=0)
        if logarithmic:
            _log_axis(panel, [value for _, values in lines.values() for v in values for value in v])
        _decorate(panel)
        panel.set_title(title, loc="left", color=_INK)
        panel.set_xlabel("step", color=_INK)
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
        panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    lines = {text: handle for panel in axes for handle, text in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(lines.values(), lines.keys(), loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    return _png(figure)


def _figure(width, height):
    figure = Figure(figsize=(width, height), dpi=130, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panel = figure.add_subplot()
    _decorate(panel)
    return figure, panel


def _decorate(panel):
    panel.grid(True, axis="y", color="#e4e4e4", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(colors=_INK)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#888888")


def _log_axis(panel, values):
    """Makes the y axis logarithmic, with plain numbers, where all values allow it; returns whether they do."""
    if not values or min(values) <= 0:
        return False
    panel.set_yscale("log", nonpositive="clip")
    panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    return True


def _label(panel, labels, x, alignment, logarithmic):
    """Writes texts beside their values, moved apart where they would overlap."""
    low, high = np.log(panel.get_ylim()) if logarithmic else panel.get_ylim()
    heights = [((np.log(y) if logarithmic else y) - low) / (high - low) for y, _, _ in labels]
    order = np.argsort(heights)
    for height, index in zip(_apart([heights[index] for index in order]), order, strict=True):
        y = low + height * (high - low)
        y = np.exp(y) if logarithmic else y
        _, text, color = labels[index]
        panel.text(x, y, text, color=color, ha=alignment, va="center", fontsize=10, clip_on=False)


def _apart(heights, least=0.045):
    """Ascending heights, moved as little as the distance between neighbours asks for."""
    moved = list(heights)
    for _ in range(200):
        for index in range(len(moved) - 1):
            missing = least - (moved[index + 1] - moved[index])
            if missing > 1e-6:
                moved[index] -= missing / 2
                moved[index + 1] += missing / 2
    return moved


def _png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})  # the same bytes with every version of matplotlib
    return file.getvalue()
