"""Scores over the truncation of latents, as a table in a file and as a picture."""

import csv
import io
import math

from compare_gan2.ground import files
from compare_gan2.metrics import registry
from compare_gan2.run_folder.distance_rows import DISTANCES, distance_of

_COLUMNS = ("truncation", "metric", "value", "low", "high", "caution", "reason")
_COLOR, _INK = "#0072b2", "#222222"
_PANELS_PER_ROW = 3
_QUALITY = "classifier_score"  # over which Brock et al. 2019 draw FID


def write(table, picture, curve):
    """Writes both files, each completely or not at all.

    Args:
        table: path of the CSV file.
        picture: path of the PNG file.
        curve: list of (bound, `Score`), the bound in standard deviations or None for latents as in training.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for bound, score in curve:
        cells = [score.metric, *(_number(getattr(score, name)) for name in ("value", "low", "high"))]
        writer.writerow([_name(bound), *cells, score.caution, " ".join(score.reason.split())])
    with files.replacing(table) as file:
        file.write(text.getvalue().encode())
    figure = draw(curve)
    with files.replacing(picture) as file:
        figure.savefig(file, format="png")


def draw(curve):
    """matplotlib Figure: a panel per row over the truncation, 95 % intervals shaded; FID over classifier score first.

    A dashed line is the value without truncation; a row that failed everywhere has an empty panel that says so.

    Args:
        curve: see `write`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # here: slow to import
    from matplotlib.figure import Figure

    rows = {}
    for bound, score in curve:
        rows.setdefault(score.metric, []).append((bound, score))
    distance = distance_of(rows)
    has_trade_off = distance is not None and _QUALITY in rows
    count = len(rows) + has_trade_off
    columns = min(_PANELS_PER_ROW, count)
    lines = math.ceil(count / columns)
    figure = Figure(figsize=(4 * columns, 3.2 * lines), dpi=120, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    panels = [figure.add_subplot(lines, columns, number + 1) for number in range(count)]
    if has_trade_off:
        _draw_trade_off(panels.pop(0), rows, distance)
    titles = registry.titles()
    for panel, (metric, points) in zip(panels, rows.items(), strict=True):
        _draw_row(panel, points)
        panel.set_title(titles.get(metric, metric), fontsize=10, color=_INK)
        panel.set_xlabel("truncation (deviations)")
    for panel in figure.axes:
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    _hide_covered(figure)
    return figure


def _draw_row(panel, points):
    found = sorted((bound, score) for bound, score in points if bound is not None and score.value is not None)
    whole = [score.value for bound, score in points if bound is None and score.value is not None]
    if found:
        bounds, scores = zip(*found, strict=True)
        panel.plot(bounds, [score.value for score in scores], color=_COLOR, marker="o", markersize=4)
        if all(score.low is not None for score in scores):
            low, high = ([getattr(score, end) for score in scores] for end in ("low", "high"))
            panel.fill_between(bounds, low, high, color=_COLOR, alpha=0.2, linewidth=0)
    if whole:
        panel.axhline(whole[0], color=_INK, linestyle="--", linewidth=1, label="without truncation")
        panel.legend(fontsize=8, frameon=False)
    if not found and not whole:
        panel.text(0.5, 0.5, "failed", ha="center", va="center", transform=panel.transAxes, color=_INK)
        panel.set(xticks=[], yticks=[])


def _draw_trade_off(panel, rows, distance):
    distances = {bound: score.value for bound, score in rows[distance]}
    points = sorted(
        (math.inf if bound is None else bound, score.value, distances[bound])
        for bound, score in rows[_QUALITY]
        if score.value is not None and distances[bound] is not None
    )
    panel.plot([x for _, x, _ in points], [y for *_, y in points], color=_COLOR, marker="o", markersize=4)
    for number, (bound, x, y) in enumerate(points):
        label = _name(None if bound == math.inf else bound)
        # On alternating sides: near each other they would cover each other.
        offset, side = ((4, 4), "left") if number % 2 else ((-4, -10), "right")
        panel.annotate(label, (x, y), xytext=offset, textcoords="offset points", ha=side, fontsize=8, color=_INK)
    panel.set(xlabel="classifier score (higher is better)", ylabel=f"{DISTANCES[distance]} (lower is better)")
    panel.set_title(f"{DISTANCES[distance]} over classifier score, by truncation", fontsize=10, color=_INK)
    panel.margins(0.15)


def _hide_covered(figure):
    """Hides labels of points that lie on another one, those of the ends last."""
    figure.canvas.draw()  # which decides where everything is
    for panel in figure.axes:
        texts, shown = list(panel.texts), []
        for text in sorted(texts, key=lambda text: text not in (texts[0], texts[-1])):
            box = text.get_window_extent()
            text.set_visible(not any(box.overlaps(other) for other in shown))
            shown += [box] if text.get_visible() else []


def _name(bound):
    return "none" if bound is None else f"{bound:g}"


def _number(value):
    return "" if value is None else repr(float(value))
