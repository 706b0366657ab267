"""The JSON file of the `evaluate` command: its options, and every score with its protocol."""

import json
import pathlib

from compare_gan2.ground import files, sealed_files
from compare_gan2.ground.errors import ConfigError

DEFAULT = "evaluation.json"
_OF_SCORES = (
    *("metric", "value", "low", "high", "caution", "network", "network_checksum", "resize", "settings"),
    *("num_real", "num_fake", "num_runs", "dataset", "split", "images", "pixels", "size", "classes", "code_version"),
)
_OF_MODELS = ("weights", "bn_statistics", "truncation", "label_prior")


def free_paths(given=None, suffixes=()):
    """Paths of files that do not exist yet: the given one, else evaluation.json or evaluation-N.json, and those beside.

    Args:
        given: name of the first file, or None.
        suffixes: of the other files, which have its name otherwise.

    Raises:
        ConfigError: if one of the given name exists, or its folder does not or cannot be written.
    """
    paths = _paths(given or DEFAULT, suffixes)
    if not paths[0].parent.is_dir():
        raise ConfigError(f"--output: there is no folder {paths[0].parent}")
    files.require_folder("--output", paths[0])
    if len(set(paths)) < len(paths):
        raise ConfigError(f"--output: expected a name that does not end with {' or '.join(suffixes)}, got {given!r}")
    number = 1
    while existing := [path for path in paths if path.exists()]:
        if given:
            raise ConfigError(f"--output: {existing[0]} exists already; choose another name")
        number += 1
        paths = _paths(f"evaluation-{number}.json", suffixes)
    return paths


def _paths(name, suffixes):
    path = pathlib.Path(name)
    return [path, *(path.with_suffix(suffix) for suffix in suffixes)]


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
