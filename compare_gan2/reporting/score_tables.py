"""Scores of runs as tables: values with intervals, the best of a column bold, cautions marked."""

from compare_gan2.metrics import registry
from compare_gan2.reporting.page_parts import Cell, Details, Paragraph, Table
from compare_gan2.reporting.protocols import Marks, differences, protocol_table
from compare_gan2.run_folder.scores import COLUMNS

NOTHING = "-"
_ONE_TABLE = 12  # checkpoints that are shown at once


def best_of(values, metric):
    """Keys of the best of {key: (number, mark of its protocol)}, by what the metric's definition calls better.

    Only numbers with the same mark are compared. Fewer than two different ones have no best, nor have those of a metric
    of which neither direction is better.

    Args:
        values: {key: (number, text)}.
        metric: name of its row, such as "fid".
    """
    row = registry.all_rows().get(metric)
    if row is None or row.better is None:
        return set()
    choose, best = max if row.better == "higher" else min, set()
    for mark in {mark for _, mark in values.values()}:
        same = {key: number for key, (number, other) in values.items() if other == mark}
        if len(set(same.values())) > 1:
            best |= {key for key, number in same.items() if number == choose(same.values())}
    return best


def score_parts(runs):
    """List of parts with all scores of the runs.

    Args:
        runs: list of `RunFacts`.
    """
    if not any(run.scores for run in runs):
        return [Paragraph("No checkpoint has scores yet.", is_warning=True)]
    titles = registry.titles()
    metrics = {score.metric for run in runs for score in run.scores}
    metrics = [*(name for name in titles if name in metrics), *sorted(metrics - titles.keys())]
    headings = {metric: titles.get(metric, metric) for metric in metrics}
    text = (
        "Value ± deviation over the sets of generated images; below it the 95 % bootstrap interval. The best of a "
        "column is bold, among those of one protocol where they are marked; ⚠ leads to the reason why a number says "
        "little."
    )
    parts, steps = [Paragraph(text)], {run.name: _steps(run) for run in runs}
    few = len(runs) == 1 and len(steps[runs[0].name]) <= _ONE_TABLE
    if few:
        parts += _table(f"Scores of {runs[0].name}", _every_step(runs[0], steps), headings)
    else:
        parts += _table("Scores of the last checkpoints", _last_steps(runs, steps), headings)
        for run in runs:
            if len(steps[run.name]) > 1:
                table = _table(f"Scores of all checkpoints of {run.name}", _every_step(run, steps), headings)
                parts.append(Details(f"All {len(steps[run.name])} scored checkpoints of {run.name}", table))
    shown = [_texts(score) for run in runs for score in run.scores if score.value is not None]
    return [*parts, Details("Protocol: how these scores were made", [protocol_table(shown, headings)])]


def _steps(run):
    return sorted({score.step for score in run.scores})


def _every_step(run, steps):
    return [(f"step {step:,}", (), [s for s in run.scores if s.step == step]) for step in steps[run.name]]


def _last_steps(runs, steps):
    """Rows (title, small lines, scores): the last scored checkpoint of each run, and the best one if it is another."""
    rows = []
    for run in runs:
        for step in dict.fromkeys([*steps[run.name][-1:], run.best]):
            if step in steps[run.name]:
                text = f"step {step:,}" + (", the best by best.json" if step == run.best else "")
                rows.append((run.name, (text,), [score for score in run.scores if score.step == step]))
        if not steps[run.name]:
            rows.append((run.name, ("not scored",), []))
    return rows


def _table(caption, rows, headings):
    """[`Table`] and, where protocols differ, a warning below it.

    Args:
        caption: text above it.
        rows: list of (title, small lines, list of `Score`).
        headings: {metric: text}, the columns.
    """
    metrics = [metric for metric in headings if any(s.metric == metric for _, _, scores in rows for s in scores)]
    columns = {m: _Column(m, [[s for s in scores if s.metric == m] for _, _, scores in rows]) for m in metrics}
    notes, lines = [], []
    for number, (title, small, _) in enumerate(rows):
        lines.append([Cell(title, small), *(columns[metric].cell(number, notes) for metric in metrics)])
    parts = [Table(caption, ["", *(headings[metric] for metric in metrics)], lines, tuple(notes))]
    for metric in metrics:
        if (legend := columns[metric].legend()) is not None:
            text = f"Protocols of {headings[metric]} that are not comparable: {legend}"
            parts.append(Paragraph(text, is_warning=True))
    return parts


class _Column:
    """One metric of a table: which cell is the best, and whose protocols differ."""

    def __init__(self, metric, cells):
        self._cells = [scores[-1] if scores else None for scores in cells]  # scored again: the newest counts
        known = {number: s for number, s in enumerate(self._cells) if s is not None and s.value is not None}
        differing = differences([_texts(score) for score in known.values()])
        marks = Marks(list(differing)) if differing else None
        self._texts = {number: marks.of([_texts(score)]) if marks else "" for number, score in known.items()}
        self._best = best_of({number: (s.value, self._texts[number]) for number, s in known.items()}, metric)
        self._marks = marks

    def cell(self, number, notes):
        """`Cell` of a row; what its score's caution or reason says is added to the notes."""
        score = self._cells[number]
        if score is None:
            return NOTHING
        texts = [text for text in (score.caution, score.reason) if text]
        notes += [text for text in texts if text not in notes]
        marks = tuple(notes.index(text) + 1 for text in texts)
        if score.value is None:
            return Cell("failed" if score.has_failed else NOTHING, notes=marks)
        text = f"{score.value:.4g}" + (f" ± {score.std:.2g}" if score.std else "") + self._texts[number]
        small = () if score.low is None else (f"[{score.low:.4g}, {score.high:.4g}]",)
        return Cell(text, small, number in self._best, marks)

    def legend(self):
        """The meaning of the marks; None if all protocols are the same."""
        return None if self._marks is None else "; ".join(self._marks.legend())


def _texts(score):
    """{column: text} of a score, as a row of scores.csv has it."""
    values = {column: getattr(score, column) for column in COLUMNS}
    return {column: "" if value is None else str(value) for column, value in values.items()}
