"""Whether a run is done, without importing TensorFlow: `finished.json` in its folder records what was requested.

A run that is started again with the same texts, and whose results all exist, has nothing to do. If anything differs,
the run itself decides, which reads more than these texts.
"""

import hashlib
import json
import pathlib
import re

import compare_gan2
from compare_gan2.config import config_files
from compare_gan2.ground import json_text, sealed_files, store

NAME = "finished.json"
_HASHED_BYTES = 2**20  # of larger files, checkpoints above all, the size is compared


def asked_by(gin_files, gin_bindings, flags):
    """Digest of everything that a command requests; None if its texts alone do not determine that.

    Args:
        gin_files: names as `config_files.find` takes them; the texts of these files and of those they include count,
            not their paths.
        gin_bindings: lines of a `.gin` file.
        flags: {name: value} of the other flags, of values that JSON can hold.

    Raises:
        ConfigError: for a file that is missing or cannot be read.
    """
    texts = list(config_files.texts_of(gin_files).values())
    if any(
        re.search(r"^\s*include\b", binding, re.MULTILINE) for binding in gin_bindings
    ):  # a file that is not among the texts
        return None
    given = [compare_gan2.__version__, texts, list(gin_bindings), flags]
    return store.key_of(given)


def record(model_dir, asked, paths, summary):
    """Writes `finished.json` when a run is done.

    Args:
        model_dir: folder of the run.
        asked: result of `asked_by`; nothing is written for None.
        paths: files in that folder without which the run is not done.
        summary: one line about the results.

    Raises:
        OSError: if it cannot be written, or one of the files is missing.
    """
    if asked is None:
        return
    folder = pathlib.Path(model_dir)
    there = {pathlib.Path(path).relative_to(folder).as_posix(): _content(path) for path in paths}
    value = {"asked": asked, "files": there, "summary": summary}
    sealed_files.write(folder / NAME, (json.dumps(value, indent=1) + "\n").encode())


def summary_of(model_dir, asked):
    """The recorded summary if the folder holds all requested results, unchanged; else None. Writes nothing.

    Args:
        model_dir: folder of the run.
        asked: result of `asked_by`.
    """
    folder = pathlib.Path(model_dir)
    try:
        recorded = json_text.parsed(sealed_files.read(folder / NAME))
        if asked is None or recorded["asked"] != asked:
            return None
        unchanged = all(
            _is_inside(name) and _content(folder / name) == content for name, content in recorded["files"].items()
        )
        return recorded["summary"] if unchanged else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # no such file, or not one that `record` wrote
        return None


def _is_inside(name):
    """Whether a recorded name leads to a file in the folder of the record."""
    return not pathlib.PurePath(name).is_absolute() and ".." not in pathlib.PurePath(name).parts


def _content(path):
    """{"size": bytes, "sha256": digest of a small file}."""
    if not pathlib.Path(path).is_file():  # reading a pipe would wait for ever
        raise FileNotFoundError(path)
    size = pathlib.Path(path).stat().st_size
    if size > _HASHED_BYTES:
        return {"size": size}
    return {"size": size, "sha256": hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()}
