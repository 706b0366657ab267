"""scores.csv: one row per score with its protocol, for people and spreadsheets; scores.jsonl: the same for programs.

A score that failed says why in scores_failed.csv. A scores.csv of an older version, which has the first twelve columns
only, is read with the others unknown, and gets them when scores are added.
"""

import csv
import dataclasses
import io
import json
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
        num_real: real images of the evaluation; None when it had none.
        num_fake: generated images per repetition.
        split: of the real images, such as "test".
        network: that computes features and logits, such as "digits"; empty for a metric that uses neither.
        weights: "ema" or "raw".
        bn_statistics: what batch normalisation used, such as "standing_204800" or "moving".
        seed: of latents and labels.
        dataset: of the real images.
        low, high: 95 % bootstrap interval, see `metrics.bootstrap`: real and generated images of the first repetition
            drawn anew 200 times, the interval moved to the value. None for metrics where drawing images twice makes no
            sense (nearest neighbours, clusters), and for FID of features so wide that it would take long.
        num_runs: repetitions, each with generated images of its own.
        network_checksum: SHA-256 of the network's weights.
        resize: how images were brought to the network's size, "none" if they were not.
        truncation: "none" if latents are drawn as in training, else how they are drawn.
        label_prior: distribution of the labels that images were asked for, "none" in unconditional models.
        settings: of the metric, such as "block_size=1000", "none" if it has none.
        code_version: version of this package, with the commit where it runs from a checkout.
        reason: why there is no value; empty for a score that has one. Not a column of scores.csv.

    From `dataset` on, None in a text is unknown.

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
    dataset: str | None = None
    low: float | None = None
    high: float | None = None
    num_runs: int | None = None
    network_checksum: str | None = None
    resize: str | None = None
    truncation: str | None = None
    label_prior: str | None = None
    settings: str | None = None
    code_version: str | None = None
    reason: str = ""

    def __post_init__(self):
        where = f"score {self.metric} of {self.checkpoint}"
        for name in ("value", "std", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{where}: {name} must be a finite number or None with a reason, got {number}")
        if self.value is None and not self.reason:
            raise ValueError(f"{where}: a score without a value needs a reason, got none")
        if self.value is None and self.std is not None:
            raise ValueError(f"{where}: a score without a value has no std, got {self.std}")
        if self.value is not None and self.reason:
            raise ValueError(f"{where}: only a failed score has a reason, got {self.value} and {self.reason!r}")
        if (self.low is None) != (self.high is None) or self.low is not None and self.low > self.high:
            raise ValueError(f"{where}: expected an interval low <= high or none, got {self.low} to {self.high}")


COLUMNS = tuple(field.name for field in dataclasses.fields(Score) if field.name != "reason")
OLD_COLUMNS = COLUMNS[: COLUMNS.index("seed") + 1]
# What has to be equal before two scores of a metric may be compared.
PROTOCOL = (
    *("dataset", "split", "num_real", "num_fake", "num_runs", "network", "network_checksum", "resize"),
    *("weights", "bn_statistics", "truncation", "label_prior", "settings"),
)


class ScoresFile:
    """The scores of one model directory, which several processes may write.

    Args:
        path: of scores.csv; scores.jsonl and scores_failed.csv lie beside it. None need exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.lines_path = self.path.with_suffix(".jsonl")
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
            _upgrade(self.path)
            for path, columns in ((self.path, COLUMNS), (self.failed_path, _FAILED_COLUMNS)):
                _rows(path, columns)  # refuses a damaged file before anything is written
            if failed:
                _append(self.failed_path, _FAILED_COLUMNS, failed)  # first: a reason without its score harms nobody
            _append(self.path, COLUMNS, rows)
            with files.replacing(self.lines_path) as file:  # all of it, so that it never lags behind
                file.writelines(json.dumps(_as_json(score)).encode() + b"\n" for score in self.read())

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
        columns = columns_of(self.path)
        for line, cells in _rows(self.path, columns):
            try:
                scores.append(_parse(dict(zip(columns, cells, strict=True)), reasons))
            except ValueError as error:
                raise files.DamagedFileError(f"{self.path}, line {line}: not a score: {error}") from error
        return scores

    def scored_checkpoints(self):
        """{name of a checkpoint: set of the metrics that it has rows of}, failed scores included."""
        scored = {}
        for score in self.read():
            scored.setdefault(score.checkpoint, set()).add(score.metric)
        return scored


def columns_of(path):
    """`OLD_COLUMNS` if a file has just these as its header, else `COLUMNS`."""
    try:
        with open(path, "rb") as file:
            header = file.readline().decode("utf-8", errors="replace").rstrip("\r\n")
    except FileNotFoundError:
        return COLUMNS
    return OLD_COLUMNS if header == ",".join(OLD_COLUMNS) else COLUMNS


def _upgrade(path):
    """Gives a file of an older version the columns that it lacks, with empty cells."""
    if columns_of(path) == OLD_COLUMNS:
        empty = [""] * (len(COLUMNS) - len(OLD_COLUMNS))
        rows = [[*cells, *empty] for _, cells in _rows(path, OLD_COLUMNS)]
        with files.replacing(path) as file:
            file.write(_csv_text([COLUMNS, *rows]).encode())


def _as_json(score):
    """{column: value} of a score, with its reason if it failed."""
    values = dataclasses.asdict(score)
    return values if score.reason else {name: value for name, value in values.items() if name != "reason"}


def _parse(cells, reasons):
    def number(column, kind):
        return kind(cells[column]) if cells[column] else None

    reason = ""
    if not cells["value"]:
        key = (cells["checkpoint"], cells["step"], cells["metric"])
        reason = "; ".join(reasons.get(key, ["unknown: scores_failed.csv has no entry"]))
    numbers = {column: number(column, float) for column in ("value", "std", "low", "high") if column in cells}
    integers = ("num_real", "num_fake", "num_runs", "seed")
    numbers |= {column: number(column, int) for column in integers if column in cells}
    unknown = {column: None for column in COLUMNS[len(OLD_COLUMNS) :] if not cells.get(column)}
    return Score(**(cells | unknown | numbers | {"step": int(cells["step"]), "reason": reason}))


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
    before = path.read_bytes() if path.exists() else b""
    if not before:
        rows = [columns, *rows]
    elif not before.endswith(b"\n"):
        before += b"\n"  # an editor may have dropped it
    with files.replacing(path) as file:
        file.write(before + _csv_text(rows).encode())


def _csv_text(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
