"""The tables of a study in Markdown."""

from functools import partial

from compare_gan2.studies.minutes_to_target import minutes_text, target_title
from compare_gan2.studies.table_rows import fraction_title, fractions_of, mean_and_spread, rows_by_fraction


def markdown_table(summary):
    """Text of the tables: each run's last checkpoint, mean and sample standard deviation over seeds, number of runs.

    With several label fractions, one table per metric: methods are rows, fractions columns. Else one table of all
    metrics.

    Args:
        summary: `Summary`.
    """
    lines = _tables_by_fraction(summary) if summary.by_fraction else _table_by_setting(summary)
    for metric, its_marks in summary.marks.items():
        lines += ["", f"Protocols of {summary.titles[metric]} that are not comparable:", "", *its_marks.legend()]
    for note in summary.notes:
        lines += ["", note]
    return "\n".join(lines)


def _table_by_setting(summary):
    header = [
        "Config",
        "Runs",
        *summary.titles.values(),
        f"{summary.titles.get(summary.distance, 'FID')} before training / after",
        *([target_title(summary)] if summary.study.target else []),
    ]
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for setting in summary.settings:
        runs = len(summary.seeds(setting))
        cells = [_text_with_fewer(summary.cell(setting, metric), runs) for metric in summary.titles]
        cells = [f"`{summary.label(setting)}`", str(runs), *cells, mean_and_spread(summary.ratios(setting))]
        if summary.study.target:
            cells.append(minutes_text(summary, setting))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _tables_by_fraction(summary):
    texts = {title: partial(_text_with_runs, summary, metric) for metric, title in summary.titles.items()}
    if summary.study.target:
        texts[target_title(summary)] = lambda setting: minutes_text(summary, setting) if setting else "-"
    fractions, lines = fractions_of(summary), []
    for title, text_of in texts.items():
        header = [title, *map(fraction_title, fractions)]
        lines += ["", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
        for method, row in rows_by_fraction(summary).items():
            lines.append(f"| `{method}` | {' | '.join(text_of(row.get(fraction)) for fraction in fractions)} |")
    return lines[1:]


def _text_with_runs(summary, metric, setting):
    cell = summary.cell(setting, metric) if setting else None
    return f"{_text(cell)} ({len(cell.values)})" if cell and cell.values else "-"


def _text_with_fewer(cell, runs):
    """The text of a cell, with the number of its runs where the metric failed for some."""
    return _text(cell) + (f" ({len(cell.values)})" if 0 < len(cell.values) < runs else "")


def _text(cell):
    return mean_and_spread(list(cell.values.values())) + cell.mark
