"""The results of a study: the rows of its runs' scores.csv in one file, with config, bindings and threads in front."""

import csv
import io
import re

from compare_gan2.reporting import files
from compare_gan2.reporting.scores import COLUMNS, OLD_COLUMNS
from compare_gan2.studies.plan import Setting

RESULT_COLUMNS = ("config", "bindings", "threads", *COLUMNS)
_NUMBERS = (  # column, what it holds, and how that is written
    ("seed", "a whole number", r"-?\d+"),
    ("step", "a whole number", r"\d+"),
    ("value", "a finite number or nothing", r"|-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
)
_OLDER_COLUMNS = (("config", "bindings", *COLUMNS), ("config", *COLUMNS), ("config", *OLD_COLUMNS))


def read_results(path):
    """List of {column: text}; empty if there is no file yet. What a file of an older version lacks is empty.

    Raises:
        DamagedFileError: for another header, or a row with other cells, naming the line.
    """
    if not path.exists():
        return []
    with open(path, newline="", errors="replace") as file:
        reader = csv.DictReader(file)
        try:
            return [{column: row.get(column, "") for column in RESULT_COLUMNS} for row in _checked(reader, path)]
        except csv.Error as error:
            raise files.DamagedFileError(f"{path}, line {reader.line_num}: {error}") from error


def _checked(reader, path):
    """The rows of a `csv.DictReader`, once the header and what a study computes with are seen to be right."""
    header = tuple(reader.fieldnames or ())
    if header not in (RESULT_COLUMNS, *_OLDER_COLUMNS):
        raise files.DamagedFileError(f"{path}: expected the header {','.join(RESULT_COLUMNS)}")
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise files.DamagedFileError(f"{where}: expected {len(header)} cells")
        for column, kind, pattern in _NUMBERS:
            if not re.fullmatch(pattern, row[column]):
                raise files.DamagedFileError(f"{where}: {column}: expected {kind}, got {row[column]!r}")
        yield row


def add_results(path, run, scores_path, threads=""):
    """Appends the rows of a run's scores.csv, all or none; returns their number.

    Args:
        path: of the results.
        run: `Run`.
        scores_path: of the run's scores.csv.
        threads: text for the column of that name, such as "2", empty if unknown.

    Raises:
        FileNotFoundError: if the run left no scores.
        DamagedFileError: if the results are damaged; they stay as they are.
    """
    first = {"config": run.setting.config, "bindings": run.setting.bindings, "threads": threads}
    with open(scores_path, newline="") as file:
        new = [first | row for row in csv.DictReader(file)]
    path.parent.mkdir(parents=True, exist_ok=True)
    with files.locked(path):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, RESULT_COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*read_results(path), *new])
        with files.replacing(path) as file:
            file.write(text.getvalue().encode())
    return len(new)


def setting_of(row):
    """`Setting` that a row belongs to."""
    return Setting(row["config"], row["bindings"])


def finished(rows):
    """Set of (setting, seed) that have rows."""
    return {(setting_of(row), int(row["seed"])) for row in rows}
