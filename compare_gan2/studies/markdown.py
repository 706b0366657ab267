"""The table of a study as text, and its place in a document."""

import re
import statistics

from compare_gan2.configuration import ConfigError
from compare_gan2.reporting import files
from compare_gan2.studies.plan import Setting, has_fractions
from compare_gan2.studies.summary import Summary


def markdown_table(study, rows, mix_protocols=False):
    """The last checkpoint of every run: mean +- sample standard deviation over seeds, and their number.

    With label fractions one table per metric, methods as rows and fractions as columns; else one with all metrics.

    Args:
        study: `Study`.
        rows: list of {column: text}, as `read_results` gives it.
        mix_protocols: whether scores of different protocols may stand in it; they get marks then.

    Raises:
        ConfigError: if they may not and there are some.
    """
    summary = Summary(study, rows, mix_protocols)
    lines = _tables_by_fraction(summary) if has_fractions(study) else _table_by_setting(summary)
    for metric, its_marks in summary.marks.items():
        lines += ["", f"Protocols of {summary.titles[metric]} that are not comparable:", "", *its_marks.legend()]
    for note in summary.notes:
        lines += ["", note]
    return "\n".join(lines)


def fractions_of(settings):
    """Label fractions in percent, None (no fraction in the name) first, then ascending."""
    return sorted({setting.fraction for setting in settings}, key=lambda fraction: fraction or 0)


def fraction_title(fraction):
    """Heading of a column."""
    return "without a fraction" if fraction is None else f"{fraction:g} %"


def mean_and_spread(values):
    """Text such as "0.51 ± 0.01", the sample standard deviation left out for one value; "-" for none."""
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.2g}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4g}{spread}"


def place_of_table(document, name):
    """(text before, text after) what stands between the two marks of a table in a text file.

    Raises:
        ConfigError: if the document cannot be read, or does not have these marks once.
    """
    try:
        text = document.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"study.document: {document} cannot be read: {error}") from error
    pattern = rf"(<!-- table: {re.escape(name)} -->\n).*?(<!-- end of table -->)"
    found = list(re.finditer(pattern, text, flags=re.DOTALL))
    if len(found) != 1:
        raise ConfigError(
            f"study.document: {document} has {len(found)} places marked '<!-- table: {name} -->', expected 1"
        )
    return text[: found[0].end(1)], text[found[0].start(2) :]


def put_table(document, name, table):
    """Replaces what stands between the two marks of a table; raises as `place_of_table`."""
    before, after = place_of_table(document, name)
    with files.replacing(document) as file:
        file.write(f"{before}{table}\n{after}".encode())


def _table_by_setting(summary):
    header = ["Config", "Runs", *summary.titles.values(), "FID before training / after"]
    lines = [f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
    for setting in summary.settings:
        runs = len(summary.seeds(setting))
        cells = [_text_with_fewer(summary.cell(setting, metric), runs) for metric in summary.titles]
        cells = [f"`{summary.label(setting)}`", str(runs), *cells]
        lines.append(f"| {' | '.join([*cells, mean_and_spread(summary.ratios(setting))])} |")
    return lines


def _tables_by_fraction(summary):
    fractions = fractions_of(summary.settings)
    lines = []
    for metric, title in summary.titles.items():
        header = [title, *map(fraction_title, fractions)]
        lines += ["", f"| {' | '.join(header)} |", "|---" * len(header) + "|"]
        for row in rows_by_fraction(summary):
            cells = [_text_with_runs(summary, row.get(fraction), metric) for fraction in fractions]
            lines.append(f"| `{row_title(summary, row)}` | {' | '.join(cells)} |")
    return lines[1:]


def rows_by_fraction(summary):
    """List of {fraction: `Setting`}: one per method, folder and varied bindings, in the order of the plan."""
    rows = {}
    for setting in summary.settings:
        rows.setdefault((setting.family, setting.bindings), {})[setting.fraction] = setting
    return list(rows.values())


def method_title(summary, setting):
    """The method, with its folder where the study has the method from several."""
    settings = map(Setting, summary.study.configs)
    return setting.method if len({s.family for s in settings if s.method == setting.method}) == 1 else setting.family


def row_title(summary, row):
    """The method, with the varied bindings if there are any."""
    setting = next(iter(row.values()))
    return method_title(summary, setting) + summary.label(setting).removeprefix(setting.config)


def _text_with_runs(summary, setting, metric):
    cell = summary.cell(setting, metric) if setting else None
    return f"{_text(cell)} ({len(cell.values)})" if cell and cell.values else "-"


def _text_with_fewer(cell, runs):
    """The text of a cell, with the number of its runs where the metric failed for some."""
    return _text(cell) + (f" ({len(cell.values)})" if 0 < len(cell.values) < runs else "")


def _text(cell):
    return mean_and_spread(list(cell.values.values())) + cell.mark
