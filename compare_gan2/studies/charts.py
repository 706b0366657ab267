"""Charts of a study: FID against label fraction (as figure 1 of Lucic et al. 2019), and training curves."""

import io
import statistics

import numpy as np

from compare_gan2.studies.results import setting_of
from compare_gan2.studies.table_rows import fraction_title, method_title, rows_by_fraction

_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a6761d", "#56b4e9", "#7a5195", "#555555")  # colour-blind safe
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_INK = "#222222"
_BESIDE = 0.015  # between methods at one fraction, so that they do not hide each other
_BEHIND_TEXT = dict(facecolor="white", edgecolor="none", alpha=0.75, pad=1)


def fraction_chart(summary, metric="fid"):
    """PNG bytes: a line per method over its label fractions, methods without one at the left, the baseline across.

    Points are means, bars one sample standard deviation over seeds; each method's name is beside its last point.

    Args:
        summary: `Summary` that has scores of the metric.
        metric: name, such as "fid".
    """
    rows = rows_by_fraction(summary)
    rows = {name: row for name, row in rows.items() if any(summary.cell(s, metric).values for s in row.values())}
    fractions = sorted({fraction for row in rows.values() for fraction in row} - {None})
    places = {None: 0.0} | {fraction: 1.0 + number for number, fraction in enumerate(fractions)}
    figure = _figure(9.0, 6.4, dpi=130)
    panel = figure.add_subplot()
    _decorate(panel)
    means, labels = [], {}
    for number, (name, row) in enumerate(rows.items()):
        cells = {places[f]: summary.cell(setting, metric) for f, setting in row.items()}
        cells = {x: cell for x, cell in cells.items() if cell.values}
        x = [place for place in places.values() if min(cells) <= place <= max(cells)]
        y = [cells[place].mean if place in cells else np.nan for place in x]  # no line across a missing fraction
        means += [cell.mean for cell in cells.values()]
        color = _COLORS[number % len(_COLORS)]
        if all(setting.config == summary.study.baseline for setting in row.values()):
            panel.axhline(y[0], color=_INK, linestyle="--", linewidth=1.4, zorder=1)
            panel.annotate(
                f"{name} (baseline)", (0.01, y[0]), (0, 3), panel.get_yaxis_transform(), "offset points", color=_INK
            )
            continue
        errors = [(cells[place].std or 0.0) if place in cells else np.nan for place in x]
        marker = _MARKERS[(number + number // len(_COLORS)) % len(_MARKERS)]  # no two lines share colour and marker
        beside = [place and place + _BESIDE * (number - len(rows) / 2) for place in x]
        panel.errorbar(
            beside, y, yerr=errors, color=color, marker=marker, markersize=7, linewidth=1.9, capsize=3, zorder=3
        )
        labels.setdefault(x[-1], []).append((y[-1], name, color))
    logarithmic = _log_axis(panel, means)
    panel.set_xlim(-1.4 if 0.0 in labels else 0.5, max(places.values()) + 1.4)
    ticks = {x: "without a\nfraction" if f is None else f"{f:g} %" for f, x in places.items() if f or 0.0 in labels}
    panel.set_xticks(list(ticks), ticks.values())
    for x, texts in labels.items():
        side = -1 if x == 0.0 else 1
        _label(panel, texts, x + side * 0.12, "right" if side < 0 else "left", logarithmic)
    panel.set_xlabel("training images with a label", color=_INK)
    panel.set_ylabel(f"{summary.titles[metric]}, mean ± standard deviation over seeds", color=_INK)
    return _png(figure)


def score_curves(summary, metric="fid"):
    """PNG bytes: the metric over steps, a panel per method with a line per label fraction, the baseline dashed.

    Lines are means over seeds, bands span the lowest to the highest run.

    Args:
        summary: `Summary` that has scores of the metric.
        metric: name, such as "fid".
    """
    curves = {setting: _scores_by_step(summary, setting, metric) for setting in summary.settings}
    panels = {}
    for name, row in rows_by_fraction(summary).items():
        lines = {fraction_title(fraction): curves[setting] for fraction, setting in row.items() if curves[setting][0]}
        baseline = summary.baseline_of(next(iter(row.values())))
        if lines and baseline in curves and curves[baseline][0]:
            lines[f"{method_title(summary, baseline)} (baseline)"] = curves[baseline]
        if lines:
            panels[name] = lines
    return _small_multiples(panels, logarithmic=True)


def loss_curves(losses):
    """PNG bytes: a panel per setting, a line per loss: mean over seeds, band from the lowest to the highest run.

    Args:
        losses: {title of a panel: list of {"step": [n], name: [n]}, one per run}.
    """
    panels = {}
    for label, runs in losses.items():
        lines = panels.setdefault(label, {})
        for name in sorted({name for run in runs for name in run} - {"step"}):
            having = [run for run in runs if name in run]
            steps = max((run["step"] for run in having), key=lambda steps: steps[-1])
            values = [[np.interp(x, run["step"], run[name]) for run in having if x <= run["step"][-1]] for x in steps]
            lines[name.replace("_", " ")] = (steps, values)
    return _small_multiples(panels)


def _scores_by_step(summary, setting, metric):
    """([steps], [list of values over seeds for each step])."""
    found = {}
    for row in summary.rows:
        if (setting_of(row), row["metric"]) == (setting, metric):
            found.setdefault(int(row["step"]), []).append(float(row["value"]))
    return sorted(found), [found[step] for step in sorted(found)]


def _small_multiples(panels, logarithmic=False):
    """PNG bytes of panels with the same axes, {title: {label: ([steps], [values over seeds])}}."""
    from matplotlib.ticker import EngFormatter, MaxNLocator

    names = list(dict.fromkeys(label for lines in panels.values() for label in lines))
    names.sort(key=lambda name: name.endswith("(baseline)"))
    colors = {name: _COLORS[number % len(_COLORS)] for number, name in enumerate(names)}
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = _figure(3.3 * columns, 2.5 * rows + 0.5, dpi=120)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
    for panel, (title, lines) in zip(axes, panels.items(), strict=False):
        for label, (steps, values) in lines.items():
            baseline = label.endswith("(baseline)")
            color, style = (_INK, "--") if baseline else (colors[label], "-")
            width = 1.0 if baseline else 1.7
            panel.plot(steps, [statistics.mean(v) for v in values], style, color=color, linewidth=width, label=label)
            panel.fill_between(steps, [min(v) for v in values], [max(v) for v in values], color=color, alpha=0.15, lw=0)
        _decorate(panel)
        panel.set_title(title, loc="left", color=_INK, fontsize=10)
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for panel in axes[len(panels) :]:
        panel.set_visible(False)
    for panel in axes[max(0, len(panels) - columns) : len(panels)]:
        panel.tick_params(labelbottom=True)
    if logarithmic:
        _log_axis(
            axes[0], [value for lines in panels.values() for _, values in lines.values() for v in values for value in v]
        )
    figure.supxlabel("step", color=_INK, fontsize=10)
    drawn = {text: line for panel in axes for line, text in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend([drawn[n] for n in names], names, loc="outside upper left", ncols=4, frameon=False, fontsize=9)
    return _png(figure)


def _figure(width, height, dpi):
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)  # not pyplot, which would keep state and choose a backend
    return figure


def _decorate(panel):
    panel.grid(True, axis="y", color="#e4e4e4", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(colors=_INK)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#888888")


def _log_axis(panel, values):
    """Whether all values are positive; if so, makes the y axis logarithmic, with plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if not values or min(values) <= 0:
        return False
    panel.set_yscale("log", nonpositive="clip")
    wide = max(values) / min(values) > 10
    panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if wide else (1, 1.5, 2, 3, 4, 5, 6, 7, 8)))
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    panel.yaxis.set_minor_formatter(NullFormatter())
    return True


def _label(panel, labels, x, alignment, logarithmic):
    """Writes texts beside their values, moved apart so that they do not overlap."""
    low, high = np.log(panel.get_ylim()) if logarithmic else panel.get_ylim()
    heights = [((np.log(y) if logarithmic else y) - low) / (high - low) for y, _, _ in labels]
    order = np.argsort(heights)
    for height, index in zip(_apart([heights[index] for index in order]), order, strict=True):
        y = low + height * (high - low)
        y = np.exp(y) if logarithmic else y
        _, text, color = labels[index]
        panel.text(x, y, text, color=color, ha=alignment, va="center", fontsize=10, bbox=_BEHIND_TEXT, zorder=4)


def _apart(heights, least=0.045):
    """Ascending heights with at least this distance between neighbours, moved as little as that takes."""
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
