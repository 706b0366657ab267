"""Charts of a study's distance over the minutes that its runs trained: which method is good soonest."""

import statistics

from compare_gan2.reporting.line_chart import Line, line_chart
from compare_gan2.reporting.palette import AXIS, INK, MARKERS, line_colors
from compare_gan2.studies.chart_panels import decorate, figure_of, log_axis, png_of
from compare_gan2.studies.results import setting_of

MOST_SETTINGS = 8  # more lines hide each other
_LABEL = "minutes of training, scoring not counted"


def minutes_chart(summary, metric):
    """PNG bytes: the metric over minutes of training, a line per setting; None without times or with too many settings.

    A point is a checkpoint: the means over seeds of metric and minutes. Bars span the lowest to the highest run.

    Args:
        summary: `Summary` that has scores of the metric.
        metric: name, such as "fid".
    """
    curves = _curves(summary, metric)
    if not curves:
        return None
    figure = figure_of(9.0, 5.4, dpi=130)
    panel = figure.add_subplot()
    decorate(panel)
    values = []
    for number, (color, (name, line)) in enumerate(zip(line_colors(len(curves)), curves.items(), strict=True)):
        minutes, means, low, high = line
        errors = [[m - a for m, a in zip(means, low, strict=True)], [b - m for m, b in zip(means, high, strict=True)]]
        style = dict(marker=MARKERS[number % len(MARKERS)], markersize=6, linewidth=1.8, capsize=3)
        panel.errorbar(minutes, means, yerr=errors, color=color, label=name, **style)
        values += [*means, *low]
    if summary.study.target:
        panel.axhline(summary.study.target, color=AXIS, linestyle=(0, (2, 2)), linewidth=1, zorder=1)
    log_axis(panel, values)
    panel.set_xlim(left=0)
    panel.set_xlabel(_LABEL, color=INK)
    panel.set_ylabel(f"{summary.titles[metric]}, mean and range over seeds", color=INK)
    panel.legend(frameon=False)
    return png_of(figure)


def minutes_lines(summary, metric):
    """List of one `Chart` of a page: what `minutes_chart` draws; [] where that is None."""
    lines = [
        Line(name, *line, number=number, dashed=name.endswith("(baseline)"))
        for number, (name, line) in enumerate(_curves(summary, metric).items())
    ]
    title = f"{summary.titles[metric]} over time, mean and range over seeds"
    level = (summary.study.target, f"{summary.study.target:g}") if summary.study.target else None
    key = f"minutes-{metric}"
    return [line_chart(title, lines, key=key, logarithmic=True, level=level, x_label=_LABEL)] if lines else []


def _curves(summary, metric):
    """{name of a setting: (minutes, means, lowest, highest) of its checkpoints}; rows without a time are left out."""
    found = {}
    for row in summary.rows:
        if row["metric"] == metric and row["train_seconds"]:
            of_step = found.setdefault(setting_of(row), {}).setdefault(int(row["step"]), [])
            of_step.append((float(row["train_seconds"]) / 60, float(row["value"])))
    if len(found) > MOST_SETTINGS:
        return {}
    curves = {}
    for setting in (setting for setting in summary.settings if setting in found):
        points = [tuple(zip(*found[setting][step], strict=True)) for step in sorted(found[setting])]
        minutes, means = ([statistics.mean(point[part]) for point in points] for part in (0, 1))
        if not any(minutes):  # the times of its runs are gone
            continue
        ends = ([end(values) for _, values in points] for end in (min, max))
        mark = " (baseline)" if setting.config == summary.study.baseline else ""
        curves[summary.label(setting) + mark] = (minutes, means, *ends)
    return curves
