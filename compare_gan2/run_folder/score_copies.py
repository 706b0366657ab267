"""scores.csv and scores.jsonl hold the same scores: either is made good from the other."""

import csv
import io

from compare_gan2.ground import files, json_text, sealed_files
from compare_gan2.ground.checksums import checksum_of_bytes
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.messages import log

_FAILED = ("checkpoint", "step", "metric", "reason")


def make_good(scores):
    """Restores damaged or missing files of scores, with a warning for each.

    scores.csv and scores_failed.csv are restored from scores.jsonl if that gives the very bytes whose checksum is
    recorded; scores.jsonl follows from scores.csv.

    Args:
        scores: `ScoresFile`.

    Raises:
        DamagedFileError: if scores.csv is damaged and scores.jsonl does not hold the same scores.
    """
    if not scores.path.parent.is_dir():
        return
    with files.locked(scores.path):
        files.remove_leftovers(scores.path.parent)
        for path in (scores.path, scores.failed_path):
            _restore(path, scores.lines_path)
        lines = scores.lines()
        if lines and _bytes(scores.lines_path) != lines:
            if scores.lines_path.exists():
                log.warning(f"{scores.lines_path}: is not what {scores.path.name} holds: written again from it")
            scores.write_lines()


def _restore(path, lines_path):
    allowed, content = sealed_files.digests_of(path), _bytes(path)
    if not allowed or content is not None and checksum_of_bytes(content) in allowed:
        return
    restored = _csv_of(lines_path, _FAILED if path.stem.endswith("_failed") else None)
    if checksum_of_bytes(restored) in allowed:
        problem = "missing" if content is None else "damaged"
        log.warning(f"{path}: {problem}: restored from {lines_path.name}; to score again, delete both")
        sealed_files.write(path, restored)
    elif content is None:
        log.warning(f"{path}: missing, its scores are lost; checkpoints that are still there are scored again")
        sealed_files.seal_path(path).unlink()
    else:
        sealed_files.check(path, content)


def _csv_of(lines_path, columns):
    """Bytes of the CSV file that follows from scores.jsonl; b"" if that cannot be read."""
    try:
        scores = [json_text.parsed(line) for line in (_bytes(lines_path) or b"").splitlines()]
        if columns:
            scores = [score | {"reason": " ".join(score["reason"].split())} for score in scores if "reason" in score]
        columns = columns or [name for name in scores[0] if name != "reason"]
        rows = [["" if score[name] is None else score[name] for name in columns] for score in scores]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return b""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()


def _bytes(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DamagedFileError(f"{path}: cannot be read: {error.strerror}; move it away") from error
