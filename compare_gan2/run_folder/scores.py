"""scores.csv: one row per score with its protocol, for reading; scores.jsonl: the same for programs.

The reason of a failed score is in scores_failed.csv. A scores.csv of an older version has the first columns only; the
others are read as unknown, and added with the next scores.
"""

import csv
import dataclasses
import io
import json
import math
import pathlib

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import DamagedFileError

_FAILED_COLUMNS = ("checkpoint", "step", "metric", "reason")


@dataclasses.dataclass(frozen=True)
class Score:
    """One metric of one checkpoint, or of any other set of generated images, with its protocol.

    Attributes:
        checkpoint: name of the checkpoint, such as "model.ckpt-500", or of other images.
        step: generator steps trained so far; None for images that are not of a checkpoint.
        metric: name of the row, such as "fid".
        value: mean over the repetitions; None if the metric failed.
        std: population standard deviation over the repetitions; None for other images, or if the metric failed.
        num_real: number of real images; None if there were none.
        num_fake: generated images per repetition.
        split: of the real images, such as "test"; "test, drawn" if the seed drew `num_real` of them, otherwise they are
            all or the first.
        network: that computes features and logits, such as "digits"; empty for a metric that uses neither.
        weights: "ema" or "raw"; "ema in mixed_bfloat16" if images were generated in another precision than in training.
        bn_statistics: statistics of batch normalisation, such as "standing_204800" or "moving".
        seed: of latents and labels.
        dataset: of the real images.
        low, high: 95 % bootstrap interval, see `metrics.bootstrap`: real and generated images of the first repetition
            drawn 200 times with replacement, the interval shifted to the value. None for metrics that images drawn
            twice would break (nearest neighbours, clusters), and for FID of features so wide that it would take long.
        num_runs: number of repetitions, each with generated images of its own.
        network_checksum: SHA-256 of the network's weights.
        resize: resizer to the network's size, "none" if images were taken as they are.
        truncation: "none" if latents are drawn as in training, else how they are drawn.
        label_prior: distribution of the labels that images were generated for, "none" in unconditional models.
        settings: parameters of the metric, such as "max_block_size=1024", "none" if it has none.
        code_version: version of this package, with the commit in a git checkout.
        caution: why the value says little, such as fewer images than features, or why a metric that did not fail has
            none for this row; empty if nothing is known against it.
        reason: why a failed score has no `value`; empty otherwise. Not a column of scores.csv.
        size: how all images were resized before anything else, such as "clean to 64"; "none" if they were not. Not a
            column of scores.csv, since runs never resize.
        classes: how the classes of fake and real images were matched: "by name", "by number", "common: " and their
            names, or "none" without classes. Not a column of scores.csv, since a run has the classes of its dataset.
        images: which of the given images were scored: "all", "drawn: real, fake" for those sides of which the seed drew
            a part, or "in order: ..." for the first ones. Not a column of scores.csv, where `split` says it.
        pixels: how they were taken from picture files: "as_stored", "upright", or "none" without such files. Not a
            column of scores.csv.

    None in a text from `dataset` to `code_version` means unknown.

    Raises:
        ValueError: for a value that is not finite, none without a reason or caution, or a reason beside a value.
    """

    checkpoint: str
    step: int | None
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
    caution: str = ""
    reason: str = ""
    size: str = "none"
    classes: str = "none"
    images: str = "all"
    pixels: str = "none"

    def __post_init__(self):
        where = f"score {self.metric} of {self.checkpoint}"
        for name in ("value", "std", "low", "high"):
            number = getattr(self, name)
            if number is not None and not math.isfinite(number):
                raise ValueError(f"{where}: {name} must be a finite number or None with a reason, got {number}")
        if self.value is None and not (self.reason or self.caution):
            raise ValueError(f"{where}: a score without a value needs a reason or a caution, got none")
        if self.value is None and self.std is not None:
            raise ValueError(f"{where}: a score without a value has no std, got {self.std}")
        if self.value is not None and self.reason:
            raise ValueError(f"{where}: only a failed score has a reason, got {self.value} and {self.reason!r}")
        if (self.low is None) != (self.high is None) or self.low is not None and self.low > self.high:
            raise ValueError(f"{where}: expected an interval low <= high or none, got {self.low} to {self.high}")

    @property
    def has_failed(self):
        """Whether the metric could not be computed; False for a row that is not defined for these images."""
        return bool(self.reason)

    def in_words(self):
        """Metric and value, such as "fid 0.64 +- 0.02" of several sets of fakes; the reason if it failed."""
        if self.has_failed:
            return f"{self.metric} failed ({self.reason})"
        if self.value is None:
            return f"{self.metric} - (caution: {self.caution})"
        spread = "" if self.std is None or self.num_runs == 1 else f" +- {self.std:.2g}"
        return f"{self.metric} {self.value:.4g}{spread}" + (f" (caution: {self.caution})" if self.caution else "")


_NOT_COLUMNS = ("reason", "size", "classes", "images", "pixels")
COLUMNS = tuple(field.name for field in dataclasses.fields(Score) if field.name not in _NOT_COLUMNS)
# Of the first versions, and of those before cautions.
OLDER_COLUMNS = (COLUMNS[: COLUMNS.index("seed") + 1], COLUMNS[: COLUMNS.index("code_version") + 1])
# Two scores of a metric may be compared if these are equal.
PROTOCOL = (
    *("dataset", "split", "num_real", "num_fake", "num_runs", "network", "network_checksum", "resize"),
    *("weights", "bn_statistics", "truncation", "label_prior", "settings"),
)


class ScoresFile:
    """The scores of one model directory, which several processes may write.

    Args:
        path: of scores.csv; scores.jsonl and scores_failed.csv are beside it. They need not exist.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.lines_path = self.path.with_suffix(".jsonl")
        self.failed_path = self.path.with_name(f"{self.path.stem}_failed.csv")

    def append(self, scores):
        """Adds scores, all of them or (if the process is killed) none.

        Raises:
            DamagedFileError: if an existing file has another header; it stays as it is.
            OSError: if the disk is full or the folder cannot be written; the file stays as it was.
        """
        scores = list(scores)
        rows = [[_cell(getattr(score, column)) for column in COLUMNS] for score in scores]
        failed = [[s.checkpoint, s.step, s.metric, " ".join(s.reason.split())] for s in scores if s.has_failed]
        with files.locked(self.path):
            _upgrade(self.path)
            for path, columns in ((self.path, COLUMNS), (self.failed_path, _FAILED_COLUMNS)):
                _rows(path, columns)  # refuses a damaged file before anything is written
            if failed:
                _append(self.failed_path, _FAILED_COLUMNS, failed)  # first: a reason without its score does no harm
            _append(self.path, COLUMNS, rows)
            self.write_lines()

    def write_lines(self):
        """Writes scores.jsonl, all of it, so that it cannot lag behind."""
        with files.replacing(self.lines_path) as file:
            file.write(self.lines())

    def lines(self):
        """Bytes of scores.jsonl."""
        return b"".join(json.dumps(_as_json(score)).encode() + b"\n" for score in self.read())

    def read(self):
        """List of all scores, oldest first; empty if the file does not exist yet.

        Raises:
            DamagedFileError: for another header, or a row that is not a score.
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
                raise DamagedFileError(f"{self.path}, line {line}: not a score: {error}") from error
        return scores

    def drop_after(self, step):
        """Removes the scores of later steps, whose checkpoints are trained again with other rates."""
        if not self.path.exists():
            return
        with files.locked(self.path):
            _upgrade(self.path)
            for path, columns in ((self.failed_path, _FAILED_COLUMNS), (self.path, COLUMNS)):
                if path.exists():
                    kept = [cells for _, cells in _rows(path, columns) if int(cells[1]) <= step]
                    sealed_files.write(path, _csv_text([columns, *kept]).encode())
            self.write_lines()

    def scored_checkpoints(self):
        """{name of a checkpoint: set of its rows' metrics}, failed scores included."""
        scored = {}
        for score in self.read():
            scored.setdefault(score.checkpoint, set()).add(score.metric)
        return scored


def columns_of(path):
    """One of `OLDER_COLUMNS` if that is the header of a file, else `COLUMNS`."""
    try:
        with open(path, "rb") as file:
            header = file.readline().decode("utf-8", errors="replace").rstrip("\r\n")
    except FileNotFoundError:
        return COLUMNS
    return next((older for older in OLDER_COLUMNS if header == ",".join(older)), COLUMNS)


def _upgrade(path):
    """Adds the missing columns to a file of an older version, with empty cells."""
    if (columns := columns_of(path)) != COLUMNS:
        empty = [""] * (len(COLUMNS) - len(columns))
        rows = [[*cells, *empty] for _, cells in _rows(path, columns)]
        sealed_files.write(path, _csv_text([COLUMNS, *rows]).encode())


def _as_json(score):
    """{column: value} of a score, with its reason if it failed."""
    values = {name: getattr(score, name) for name in COLUMNS}
    return values | {"reason": score.reason} if score.reason else values


def _parse(cells, reasons):
    def number(column, kind):
        return kind(cells[column]) if cells[column] else None

    reason = ""
    if not cells["value"] and not cells.get("caution"):
        key = (cells["checkpoint"], cells["step"], cells["metric"])
        reason = "; ".join(reasons.get(key, ["unknown: scores_failed.csv has no entry"]))
    numbers = {column: number(column, float) for column in ("value", "std", "low", "high") if column in cells}
    integers = ("num_real", "num_fake", "num_runs", "seed")
    numbers |= {column: number(column, int) for column in integers if column in cells}
    unknown = {column: None for column in COLUMNS[len(OLDER_COLUMNS[0]) :] if not cells.get(column)}
    unknown["caution"] = cells.get("caution", "")
    return Score(**(cells | unknown | numbers | {"step": int(cells["step"]), "reason": reason}))


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return repr(value.item() if hasattr(value, "item") else value)  # the shortest text that reads back exactly


def _rows(path, columns):
    """[(line number, cells)] of a CSV file below its header; empty if the file is missing."""
    try:
        text = sealed_files.read(path).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise DamagedFileError(f"{path}, line {reader.line_num}: {error}") from error
    header = tuple(rows[0][1]) if rows else ()
    if header != columns:
        raise DamagedFileError(
            f"{path}: expected the header {','.join(columns)!r}, got {','.join(header)!r}; "
            "nothing was changed: move the file away or restore it"
        )
    for line, cells in rows[1:]:
        if len(cells) != len(columns):
            raise DamagedFileError(f"{path}, line {line}: expected {len(columns)} cells, got {len(cells)}")
    return rows[1:]


def _append(path, columns, rows):
    before = path.read_bytes() if path.exists() else b""
    if not before:
        rows = [columns, *rows]
    elif not before.endswith(b"\n"):
        before += b"\n"  # an editor may have dropped it
    sealed_files.write(path, before + _csv_text(rows).encode())


def _csv_text(rows):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
