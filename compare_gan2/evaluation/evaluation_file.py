"""The JSON file of the `evaluate` command: its options, and every score with its protocol."""

import json
import pathlib

from compare_gan2.ground import sealed_files
from compare_gan2.ground.errors import ConfigError

DEFAULT = "evaluation.json"
_OF_SCORES = (
    *("metric", "value", "low", "high", "caution", "network", "network_checksum", "resize", "settings"),
    *("num_real", "num_fake", "num_runs", "dataset", "split", "images", "pixels", "size", "classes", "code_version"),
)
_OF_MODELS = ("weights", "bn_statistics", "truncation", "label_prior")


def free_path(given=None):
    """Path of a file that does not exist yet: the given one, else evaluation.json or evaluation-N.json.

    Raises:
        ConfigError: if the given file exists, or its folder does not.
    """
    path = pathlib.Path(given or DEFAULT)
    if given and path.exists():
        raise ConfigError(f"--output: {path} exists already; choose another name")
    if not path.parent.is_dir():
        raise ConfigError(f"--output: there is no folder {path.parent}")
    number = 1
    while path.exists():
        number += 1
        path = pathlib.Path(f"evaluation-{number}.json")
    return path


def write(path, options, scores):
    """Writes options and scores with a checksum beside them, completely or not at all.

    Args:
        path: of the file.
        options: {name: value} as they were given.
        scores: list of `Score`.

    Raises:
        OSError: if the disk is full or the folder cannot be written.
    """
    content = {"options": options, "scores": [_fields(score) for score in scores]}
    sealed_files.write(path, json.dumps(content, indent=2).encode() + b"\n")


def _fields(score):
    """{name: value} of a score; the checkpoint if it is one, the reason if it failed."""
    names = [*_OF_SCORES, *(["checkpoint"] if score.step is not None else []), *_OF_MODELS, "seed"]
    if score.reason:
        names.insert(names.index("high") + 1, "reason")
    return {name: getattr(score, name) for name in names}
