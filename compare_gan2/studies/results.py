"""The results of a study: the rows of all its runs' scores.csv, with what the runs were made of in front."""

import csv
import io
import re

from compare_gan2.ground import files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.scores import COLUMNS, OLDER_COLUMNS
from compare_gan2.studies.plan import Setting

RESULT_COLUMNS = ("config", "bindings", "config_digest", "data_digest", "threads", "train_seconds", *COLUMNS)
_NUMBERS = (  # column, what it holds, and how that is written
    ("seed", "a whole number", r"-?\d+"),
    ("step", "a whole number", r"\d+"),
    ("train_seconds", "a number from 0 or nothing", r"|\d+(\.\d*)?"),
    ("value", "a finite number or nothing", r"|-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"),
)
_OLDER_COLUMNS = (
    ("config", "bindings", "config_digest", "data_digest", "threads", *COLUMNS),
    ("config", "bindings", "threads", *COLUMNS),
    ("config", "bindings", "threads", *OLDER_COLUMNS[1]),
    ("config", "bindings", *OLDER_COLUMNS[1]),
    *(("config", *columns) for columns in OLDER_COLUMNS),
)


def read_results(path):
    """List of {column: text}; empty if the file does not exist yet. Columns that an older file lacks are empty.

    Raises:
        DamagedFileError: for another header or a row of unexpected cells; the message names the line.
    """
    if not path.exists():
        return []
    with open(path, newline="", errors="replace") as file:
        reader = csv.DictReader(file)
        try:
            return [{column: row.get(column, "") for column in RESULT_COLUMNS} for row in _checked(reader, path)]
        except csv.Error as error:
            raise DamagedFileError(f"{path}, line {reader.line_num}: {error}") from error


def _checked(reader, path):
    """The rows of a `csv.DictReader`, after checks of the header, the number of cells and the numbers in them."""
    header = tuple(reader.fieldnames or ())
    if header not in (RESULT_COLUMNS, *_OLDER_COLUMNS):
        raise DamagedFileError(f"{path}: expected the header {','.join(RESULT_COLUMNS)}")
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise DamagedFileError(f"{where}: expected {len(header)} cells")
        for column, kind, pattern in _NUMBERS:
            if not re.fullmatch(pattern, row.get(column, "")):
                raise DamagedFileError(f"{where}: {column}: expected {kind}, got {row[column]!r}")
        yield row


def add_results(path, run, scores_path, seconds, **facts):
    """Number of rows of a run's scores.csv, after appending them to the results, all or none.

    Args:
        path: of the results.
        run: `PlannedRun`.
        scores_path: of the run's scores.csv.
        seconds: {step: seconds of training until then}; a row of another step has none, that of step 0 has 0.
        facts: {column: text} of further `RESULT_COLUMNS`: the number of threads, such as "2", and digests, see
            `made_of`; empty if unknown.

    Raises:
        FileNotFoundError: if the run left no scores.
        DamagedFileError: if the results are damaged; they stay as they are.
    """
    first = {"config": run.setting.config, "bindings": run.setting.bindings} | facts
    with open(scores_path, newline="") as file:
        rows = list(csv.DictReader(file))
    times = {"0": "0"} | {str(step): f"{passed:.1f}" for step, passed in seconds.items()}
    new = [first | {"train_seconds": times.get(row["step"], "")} | row for row in rows]
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
    """`Setting` of a row of the results."""
    return Setting(row["config"], row["bindings"])


def finished(rows):
    """Set of the (setting, seed) that have rows."""
    return {(setting_of(row), int(row["seed"])) for row in rows}
