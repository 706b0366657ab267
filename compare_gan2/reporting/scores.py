"""scores.csv: one row per score, for people and spreadsheets; a score that failed says why in scores_failed.csv."""

import csv
import dataclasses
import io
import math
import pathlib

from compare_gan2.reporting import files

_FAILED_COLUMNS = ("checkpoint", "step", "metric", "reason")


@dataclasses.dataclass(frozen=True)
class Score:
    """One metric of one checkpoint.

    Attributes:
        checkpoint: name of the checkpoint, such as "model.ckpt-500".
        step: generator steps trained so far.
        metric: such as "fid".
        value: mean over the repetitions; None when the metric failed.
        std: standard deviation over the repetitions; None when there was one only, or the metric failed.
        num_real: real images compared with; None when the metric uses none.
        num_fake: generated images used.
        split: of the real images, such as "test".
        network: that computes features and logits, such as "digits".
        weights: "ema" or "raw".
        bn_statistics: what batch normalisation used, such as "accumulated" or "moving".
        seed: of latents and labels.
        reason: why there is no value; empty for a score that has one. Not a column of scores.csv.

    Raises:
        ValueError: for a value that is not finite, a failure without a reason, or a reason beside a value.
    """

    checkpoint: str
    step: int
    metric: str
    value: float | None
    std: float | None
    num_real: int | None
    num_fake: int | None
    split: str
    network: str
    weights: str
    bn_statistics: str
    seed: int | None
    reason: str = ""

    def __post_init__(self):
        where = f"score {self.metric} of {self.checkpoint}"
        for name in ("value", "std"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{where}: {name} must be a finite number or None with a reason, got {number}")
        if self.value is None and not self.reason:
            raise ValueError(f"{where}: a score without a value needs a reason, got none")
        if self.value is None and self.std is not None:
            raise ValueError(f"{where}: a score without a value has no std, got {self.std}")
        if self.value is not None and self.reason:
            raise ValueError(f"{where}: only a failed score has a reason, got {self.value} and {self.reason!r}")


COLUMNS = tuple(field.name for field in dataclasses.fields(Score) if field.name != "reason")


class ScoresFile:
    """The scores of one model directory, which several processes may write.

    Args:
        path: of scores.csv; scores_failed.csv lies beside it. Neither need exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.failed_path = self.path.with_name(f"{self.path.stem}_failed.csv")

    def append(self, scores):
        """Adds scores, all of them or (if the process is killed) none.

        Raises:
            files.DamagedFileError: when a file that is there has another header; it stays as it is.
            OSError: when the disk is full or the folder cannot be written; the file stays as it was.
        """
        scores = list(scores)
        rows = [[_cell(getattr(score, column)) for column in COLUMNS] for score in scores]
        failed = [[s.checkpoint, s.step, s.metric, " ".join(s.reason.split())] for s in scores if s.value is None]
        with files.locked(self.path):
            for path, columns in ((self.path, COLUMNS), (self.failed_path, _FAILED_COLUMNS)):
                _rows(path, columns)  # refuses a damaged file before anything is written
            if failed:
                _append(self.failed_path, _FAILED_COLUMNS, failed)  # first: a reason without its score harms nobody
            _append(self.path, COLUMNS, rows)

    def read(self):
        """List of all scores, oldest first; empty when there is no file yet.

        Raises:
            files.DamagedFileError: for another header, or a row that is not a score.
        """
        reasons = {}
        for _, (checkpoint, step, metric, reason) in _rows(self.failed_path, _FAILED_COLUMNS):
            texts = reasons.setdefault((checkpoint, step, metric), [])
            if reason not in texts:
                texts.append(reason)
        scores = []
        for line, cells in _rows(self.path, COLUMNS):
            try:
                scores.append(_parse(dict(zip(COLUMNS, cells, strict=True)), reasons))
            except ValueError as error:
                raise files.DamagedFileError(f"{self.path}, line {line}: not a score: {error}") from error
        return scores

    def scored_checkpoints(self):
        """Set of the names of the checkpoints that have rows, failed scores included."""
        return {score.checkpoint for score in self.read()}


def _parse(cells, reasons):
    def number(column, kind):
        return kind(cells[column]) if cells[column] else None

    reason = ""
    if not cells["value"]:
        key = (cells["checkpoint"], cells["step"], cells["metric"])
        reason = "; ".join(reasons.get(key, ["unknown: scores_failed.csv has no entry"]))
    numbers = {column: number(column, float) for column in ("value", "std")}
    numbers |= {column: number(column, int) for column in ("num_real", "num_fake", "seed")}
    return Score(**(cells | numbers | {"step": int(cells["step"]), "reason": reason}))


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return repr(value.item() if hasattr(value, "item") else value)  # the shortest text that reads back exactly


def _rows(path, columns):
    """[(line number, cells)] of a CSV file below its header; empty when the file is missing."""
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise files.DamagedFileError(f"{path}, line {reader.line_num}: {error}") from error
    header = tuple(rows[0][1]) if rows else ()
    if header != columns:
        raise files.DamagedFileError(
            f"{path}: expected the header {','.join(columns)!r}, got {','.join(header)!r}; "
            "nothing was changed: move the file away or restore it"
        )
    for line, cells in rows[1:]:
        if len(cells) != len(columns):
            raise files.DamagedFileError(f"{path}, line {line}: expected {len(columns)} cells, got {len(cells)}")
    return rows[1:]


def _append(path, columns, rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    before = path.read_bytes() if path.exists() else b""
    if not before:
        writer.writerow(columns)
    elif not before.endswith(b"\n"):
        text.write("\n")  # an editor may have dropped it
    writer.writerows(rows)
    with files.replacing(path) as file:
        file.write(before + text.getvalue().encode())
