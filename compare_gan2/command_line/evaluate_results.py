"""What `compare_gan2 evaluate` leaves: a file of scores, a curve over truncations, and the table that it prints."""

import shutil
import sys

from compare_gan2.evaluation import evaluation_file
from compare_gan2.evaluation.score_table import score_table


def paths(options):
    """Paths of the files to write, which do not exist yet: of scores; of a curve of truncations table and picture."""
    suffixes = (".csv", ".png") if len(options.truncation or ()) > 1 else ()
    return evaluation_file.free_paths(options.output, suffixes)


def write(outputs, given, scores):
    """Writes and prints all scores.

    Args:
        outputs: `paths`.
        given: {flag: value} of the command.
        scores: list of `Score`; of several truncations one after another.
    """
    from compare_gan2.evaluation import truncation_curve

    _write_scores(outputs, given, scores)
    bounds = None
    if len(outputs) > 1:
        bounds = [bound for bound in given["truncation"] for _ in range(len(scores) // len(given["truncation"]))]
        truncation_curve.write(outputs[1], outputs[2], list(zip(bounds, scores, strict=True)))
    _print(scores, outputs, bounds)


def write_finished(outputs, given, scores):
    """Writes and prints the scores that an interrupt left; a curve needs them all."""
    _write_scores(outputs, given, scores)
    _print(scores, outputs[:1])


def _write_scores(outputs, given, scores):
    record = {name: value for name, value in given.items() if value not in (None, [])}
    evaluation_file.write(outputs[0], record, scores)


def _print(scores, outputs, bounds=None):
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print(score_table(scores, width, bounds))
    if failed := sum(score.has_failed for score in scores):
        print(f"{failed} of {len(scores)} rows failed, with the reason beside them")
    print(f"with their protocols in {', '.join(map(str, outputs))}")
