"""The results of a study: the rows of its runs' scores.csv in one file, with config and bindings in front."""

import csv
import io

from compare_gan2.reporting import files
from compare_gan2.reporting.scores import COLUMNS, OLD_COLUMNS
from compare_gan2.studies.plan import Setting

RESULT_COLUMNS = ("config", "bindings", *COLUMNS)
_OLDER_COLUMNS = (("config", *COLUMNS), ("config", *OLD_COLUMNS))


def read_results(path):
    """List of {column: text}; empty if there is no file yet. What a file of an older version lacks is empty.

    Raises:
        DamagedFileError: for another header, or a row with other cells.
    """
    if not path.exists():
        return []
    with open(path, newline="") as file:
        reader = csv.DictReader(file)
        header = tuple(reader.fieldnames or ())
        if header not in (RESULT_COLUMNS, *_OLDER_COLUMNS):
            raise files.DamagedFileError(f"{path}: expected the header {','.join(RESULT_COLUMNS)}")
        rows = []
        for row in reader:
            if None in row or None in row.values():
                raise files.DamagedFileError(f"{path}, line {reader.line_num}: expected {len(header)} cells")
            rows.append({column: row.get(column, "") for column in RESULT_COLUMNS})
        return rows


def add_results(path, run, scores_path):
    """Appends the rows of a run's scores.csv, all or none; returns their number."""
    with open(scores_path, newline="") as file:
        names = {"config": run.setting.config, "bindings": run.setting.bindings}
        new = [names | row for row in csv.DictReader(file)]
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
