"""One picture of a run: its losses over the steps, and one panel per metric."""

import math

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from compare_gan2.ground import files
from compare_gan2.reporting.palette import AXIS, GRID, INK, line_colors
from compare_gan2.reporting.tag_names import readable_tag
from compare_gan2.reporting.thinning import smoothed, thinned
from compare_gan2.run_folder.distance_rows import is_distance
from compare_gan2.run_folder.measured_steps import measured

_PANELS_PER_ROW = 3
_MOST_POINTS = 2000  # of a raw line; the picture is not wider
# Of the protocol, in the order of the legend; checksums are too long for one.
_TOLD_APART_BY = (
    *("dataset", "split", "network", "resize", "weights", "bn_statistics", "truncation", "label_prior", "settings"),
    *("seed", "num_real", "num_fake", "num_runs"),
)


def plot_curves(path, training_log, scores, title="", metric_titles=None):
    """Writes the figure of `draw_curves` as a PNG file, 1440 pixels wide, whole or not at all.

    Raises:
        ValueError: as `draw_curves`.
        OSError: if the disk is full or the folder cannot be written.
    """
    figure = draw_curves(training_log, scores, title, metric_titles)
    with files.replacing(path) as file:
        figure.savefig(file, format="png")


def draw_curves(training_log, scores, title="", metric_titles=None):
    """matplotlib Figure: losses above, raw and smoothed, and below one panel per metric with its std as error bars.

    Args:
        training_log: {"step": [n], name: [n]} as `TrainingLog.read` returns it; names that hold "loss" are drawn.
        scores: list of `Score`; a failed one is a red cross at the bottom of its panel.
        title: line above all panels, if any.
        metric_titles: {metric: title of its panel}, in the order of the panels; others come last, under their names.

    Raises:
        ValueError: without any loss and any score.
    """
    losses = {name: measured(training_log, name)[:2] for name in sorted(training_log) if "loss" in name}
    losses = {name: line for name, line in losses.items() if len(line[0])}
    scores = [score for score in scores if score.value is not None or score.has_failed]
    metric_titles = metric_titles or {}
    order = {metric: number for number, metric in enumerate(metric_titles)}
    metrics = sorted({score.metric for score in scores}, key=lambda metric: (order.get(metric, len(order)), metric))
    if not losses and not metrics:
        raise ValueError(f"nothing to draw: no loss in {sorted(training_log)} and no scores")
    columns = min(_PANELS_PER_ROW, len(metrics))
    heights = [3.6] * bool(losses) + ([3.1 * math.ceil(len(metrics) / columns)] if metrics else [])
    figure = Figure(figsize=(12, sum(heights) + 0.4 * bool(title)), dpi=120, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.10)
    if title:
        figure.suptitle(title, fontsize=15, color=INK)
    parts = list(figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
    last_step = max([*(s.step for s in scores), *(training_log["step"][-1:] if losses else [])])
    if losses:
        panel = parts.pop(0).add_subplot()
        _draw_losses(panel, losses)
        _decorate(panel, "Losses (smoothed over the light raw values)", last_step)
    for index, metric in enumerate(metrics):
        panel = parts[0].add_subplot(math.ceil(len(metrics) / columns), columns, index + 1)
        _draw_metric(panel, [score for score in scores if score.metric == metric])
        _decorate(panel, metric_titles.get(metric, metric.replace("_", " ")), last_step)
    return figure


def _draw_losses(panel, losses):
    shown = []
    for color, (name, (steps, values)) in zip(line_colors(len(losses)), losses.items(), strict=True):
        finite = np.isfinite(values)
        x, y = steps[finite], values[finite]
        if not len(y):
            continue
        smooth, marker = smoothed(y), "o" if len(y) == 1 else None
        panel.plot(*thinned(x, y, _MOST_POINTS), color=color, alpha=0.22, linewidth=0.8, zorder=1.5)
        shape = thinned(x, smooth, _MOST_POINTS)
        label = readable_tag(name).removeprefix("loss/")
        panel.plot(*shape, color=color, marker=marker, linewidth=1.8, label=label, zorder=3)
        shown += [*np.percentile(y, [1, 99]), smooth.min(), smooth.max()]
    if shown:
        margin = 0.06 * (max(shown) - min(shown)) or 0.5
        panel.set_ylim(min(shown) - margin, max(shown) + margin)  # single spikes do not flatten the rest
    panel.legend(loc="upper left", bbox_to_anchor=(1.005, 1.0), borderaxespad=0, frameon=False, fontsize=10)


def _draw_metric(panel, scores):
    names = [name for name in _TOLD_APART_BY if len({getattr(score, name) for score in scores}) > 1]
    lines = {}
    for score in scores:
        lines.setdefault(tuple(getattr(score, name) for name in names), []).append(score)
    for color, (key, line) in zip(line_colors(len(lines)), lines.items(), strict=True):
        done = sorted((score for score in line if score.value is not None), key=lambda score: score.step)
        if not done:
            continue
        panel.errorbar(
            [score.step for score in done],
            [score.value for score in done],
            yerr=[score.std or 0.0 for score in done],
            color=color,
            marker="o",
            markersize=4.5,
            linewidth=1.6,
            elinewidth=1.2,
            capsize=3,
            label=", ".join([*(str(part).replace("_", " ") for part in key), f"last {_with_std(done[-1])}"]),
        )
    failed = [score.step for score in scores if score.has_failed]
    if failed:
        bottom = panel.get_xaxis_transform()
        panel.plot(failed, [0.04] * len(failed), "x", color="#cc0000", transform=bottom, label="failed")
    _scale_values(panel, scores[0].metric, [(s.value, s.std or 0.0) for s in scores if s.value is not None])
    panel.legend(loc="best", fontsize=9, framealpha=0.8, edgecolor="none")


def _scale_values(panel, metric, values):
    if is_distance(metric) and values and min(value for value, _ in values) > 0:
        panel.set_yscale("log", nonpositive="clip")
        panel.set_ylim(min(max(v - std, v / 2) for v, std in values) / 1.3, max(v + std for v, std in values) * 1.3)
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        panel.yaxis.set_minor_formatter(NullFormatter())
    elif len(values) <= 2:
        panel.margins(y=0.6)  # room for the legend beside long error bars


def _with_std(score):
    return f"{score.value:.4g}" + (f" ± {score.std:.2g}" if score.std else "")


def _decorate(panel, title, last_step):
    panel.set_title(title, loc="left", fontsize=12, color=INK)
    panel.set_xlabel("step", fontsize=10, color=INK)
    panel.set_xlim(-0.02 * max(last_step, 1), 1.03 * max(last_step, 1))
    panel.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    if last_step >= 10000:
        panel.xaxis.set_major_formatter(EngFormatter(sep=""))
    panel.grid(True, which="major", color=GRID, linewidth=0.8)
    panel.set_axisbelow(True)
    panel.tick_params(labelsize=9, colors=INK)
    for side, spine in panel.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(AXIS)
