"""The tables of a study in Markdown."""

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
    ]
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for setting in summary.settings:
        runs = len(summary.seeds(setting))
        cells = [_text_with_fewer(summary.cell(setting, metric), runs) for metric in summary.titles]
        cells = [f"`{summary.label(setting)}`", str(runs), *cells]
        lines.append(f"| {' | '.join([*cells, mean_and_spread(summary.ratios(setting))])} |")
    return lines


def _tables_by_fraction(summary):
    fractions = fractions_of(summary)
    lines = []
    for metric, title in summary.titles.items():
        header = [title, *map(fraction_title, fractions)]
        lines += ["", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
        for method, row in rows_by_fraction(summary).items():
            cells = [_text_with_runs(summary, row.get(fraction), metric) for fraction in fractions]
            lines.append(f"| `{method}` | {' | '.join(cells)} |")
    return lines[1:]


def _text_with_runs(summary, setting, metric):
    cell = summary.cell(setting, metric) if setting else None
    return f"{_text(cell)} ({len(cell.values)})" if cell and cell.values else "-"


def _text_with_fewer(cell, runs):
    """The text of a cell, with the number of its runs where the metric failed for some."""
    return _text(cell) + (f" ({len(cell.values)})" if 0 < len(cell.values) < runs else "")


def _text(cell):
    return mean_and_spread(list(cell.values.values())) + cell.mark
