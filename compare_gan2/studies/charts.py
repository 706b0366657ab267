"""Charts of a study: FID against label fraction (as figure 1 of Lucic et al. 2019), and training curves.

Those of the report follow the colours of its page; that of the archive is a picture for documents.
"""

import statistics

import numpy as np

from compare_gan2.reporting.line_chart import Line, line_chart
from compare_gan2.reporting.palette import INK, MARKERS, line_colors
from compare_gan2.reporting.tag_names import readable_tag
from compare_gan2.studies.chart_panels import decorate, figure_of, log_axis, png_of
from compare_gan2.studies.results import setting_of
from compare_gan2.studies.table_rows import fraction_title, in_order, method_title, rows_by_fraction

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
    fractions = in_order({fraction for row in rows.values() for fraction in row} - {None})
    places = {None: 0.0} | {fraction: 1.0 + number for number, fraction in enumerate(fractions)}
    figure = figure_of(9.0, 6.4, dpi=130)
    panel = figure.add_subplot()
    decorate(panel)
    means, labels = [], {}
    for number, (color, (name, row)) in enumerate(zip(line_colors(len(rows)), rows.items(), strict=True)):
        cells = {places[f]: summary.cell(setting, metric) for f, setting in row.items()}
        cells = {x: cell for x, cell in cells.items() if cell.values}
        x = [place for place in places.values() if min(cells) <= place <= max(cells)]
        y = [cells[place].mean if place in cells else np.nan for place in x]  # no line across a missing fraction
        means += [cell.mean for cell in cells.values()]
        if all(setting.config == summary.study.baseline for setting in row.values()):
            panel.axhline(y[0], color=INK, linestyle="--", linewidth=1.4, zorder=1)
            panel.annotate(
                f"{name} (baseline)", (0.01, y[0]), (0, 3), panel.get_yaxis_transform(), "offset points", color=INK
            )
            continue
        errors = [(cells[place].std or 0.0) if place in cells else np.nan for place in x]
        marker = MARKERS[number % len(MARKERS)]
        beside = [place and place + _BESIDE * (number - len(rows) / 2) for place in x]
        panel.errorbar(
            beside, y, yerr=errors, color=color, marker=marker, markersize=7, linewidth=1.9, capsize=3, zorder=3
        )
        labels.setdefault(x[-1], []).append((y[-1], name, color))
    logarithmic = log_axis(panel, means)
    panel.set_xlim(-1.4 if 0.0 in labels else 0.5, max(places.values()) + 1.4)
    ticks = {x: fraction_title(f).replace(" a ", " a\n") for f, x in places.items() if f or 0.0 in labels}
    panel.set_xticks(list(ticks), ticks.values())
    for x, texts in labels.items():
        side = -1 if x == 0.0 else 1
        _label(panel, texts, x + side * 0.12, "right" if side < 0 else "left", logarithmic)
    panel.set_xlabel("training images with a label", color=INK)
    panel.set_ylabel(f"{summary.titles[metric]}, mean ± standard deviation over seeds", color=INK)
    return png_of(figure)


def fraction_lines(summary, metric="fid"):
    """List of one `Chart` of a page: what `fraction_chart` draws, with the names in a legend."""
    rows = rows_by_fraction(summary)
    fractions = in_order({fraction for row in rows.values() for fraction in row} - {None})
    places = {None: 0} | {fraction: 1 + number for number, fraction in enumerate(fractions)}
    lines = []
    for name, row in rows.items():
        cells = {places[fraction]: summary.cell(setting, metric) for fraction, setting in row.items()}
        cells = {x: cells[x] for x in sorted(cells) if cells[x].values}
        if not cells:
            continue
        baseline = all(setting.config == summary.study.baseline for setting in row.values())
        if baseline and len(cells) == 1:
            (cell,) = cells.values()
            cells = dict.fromkeys((0, max(places.values())), cell)
        x = [place for place in places.values() if min(cells) <= place <= max(cells)]
        y, spread = ([_mean(cells.get(place)) for place in x], [_std(cells.get(place)) for place in x])
        ends = [[value - sign * std for value, std in zip(y, spread, strict=True)] for sign in (1, -1)]
        if baseline:
            x, y, name = list(cells), [cell.mean for cell in cells.values()], f"{name} (baseline)"
            ends = [None, None]
        else:  # beside each other
            x = [place + _BESIDE * (len(lines) - len(rows) / 2) for place in x]
        lines.append(Line(name, x, y, *ends, number=len(lines), dashed=baseline))
    if not lines:
        return []
    ticks = {x: "without" if fraction is None else fraction_title(fraction) for fraction, x in places.items()}
    title = f"{summary.titles[metric]}, mean and standard deviation over seeds"
    label = "training images with a label"
    return [line_chart(title, lines, key=f"fractions-{metric}", logarithmic=True, ticks=ticks, x_label=label)]


def score_curves(summary, metric="fid"):
    """List of `Chart`: the metric over steps, one per method with a line per label fraction, the baseline dashed.

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
    return _charts(panels, "scores", same_axes=True)


def loss_curves(losses):
    """List of `Chart`: one per setting, a line per loss: mean over seeds, band from the lowest to the highest run.

    Args:
        losses: {title of a chart: list of {"step": [n], name: [n]}, one per run}.
    """
    panels = {}
    for label, runs in losses.items():
        lines = panels.setdefault(label, {})
        for name in sorted({name for run in runs for name in run} - {"step"}):
            having = [run for run in runs if name in run]
            steps = max((run["step"] for run in having), key=lambda steps: steps[-1])
            values = [[np.interp(x, run["step"], run[name]) for run in having if x <= run["step"][-1]] for x in steps]
            words = readable_tag(name).removeprefix("loss/")
            lines[name if words in lines else words] = (steps, values)
    return _charts(panels, "losses")


def _scores_by_step(summary, setting, metric):
    """([steps], [list of values over seeds for each step])."""
    found = {}
    for row in summary.rows:
        if (setting_of(row), row["metric"]) == (setting, metric):
            found.setdefault(int(row["step"]), []).append(float(row["value"]))
    return sorted(found), [found[step] for step in sorted(found)]


def _charts(panels, key, same_axes=False):
    """List of `Chart` of {title: {name of a line: ([steps], [values over seeds])}}; a name has one colour in all."""
    names = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    names.sort(key=lambda name: name.endswith("(baseline)"))
    drawn = {
        title: [_line(name, names.index(name), steps, values) for name, (steps, values) in lines.items()]
        for title, lines in panels.items()
    }
    like = [line for lines in drawn.values() for line in lines] if same_axes else None
    return [
        line_chart(title, lines, key=f"{key}-{number}", logarithmic=same_axes, like=like)
        for number, (title, lines) in enumerate(drawn.items())
    ]


def _line(name, number, steps, values):
    means = [statistics.mean(found) for found in values]
    low, high = [min(found) for found in values], [max(found) for found in values]
    if low == high:  # a single run
        low = high = None
    return Line(name, steps, means, low, high, number, band=True, dashed=name.endswith("(baseline)"))


def _mean(cell):
    return np.nan if cell is None else cell.mean


def _std(cell):
    return np.nan if cell is None else cell.std or 0.0


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
