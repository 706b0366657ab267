"""Cached results: named by a hash of everything that determines them, and written completely or not at all.

A file of arrays holds a manifest of what it was made from, so that it is never mistaken for another result.
"""

import hashlib
import json
import pathlib

import numpy as np

from compare_gan2.ground import files, json_text, sealed_files
from compare_gan2.ground.archive_limits import require_honest_arrays
from compare_gan2.ground.array_files import UNREADABLE
from compare_gan2.ground.errors import DamagedFileError

_MANIFEST = "manifest"


def key_of(facts):
    """SHA-256, as hexadecimal text, of a value that JSON can hold; the order of names in dicts does not matter."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def write_arrays(path, manifest, arrays, sealed=False):
    """Writes an `.npz` file of arrays with a manifest, whole or not at all.

    Args:
        path: of the file.
        manifest: value that JSON can hold.
        arrays: {name: array}.
        sealed: whether to write the checksum.

    Raises:
        OSError: if it cannot be written.
    """
    with (sealed_files.streaming if sealed else files.replacing)(path) as file:
        np.savez(file, **{_MANIFEST: np.array(json.dumps(manifest))}, **arrays)


def read_arrays(path, what, way_out="delete it"):
    """({name: array}, manifest) of a file that `write_arrays` wrote.

    Args:
        path: of the file.
        what: what it should hold, for the message.
        way_out: end of the message.

    Raises:
        DamagedFileError: if it cannot be read, or is not what was written.
    """
    sealed_files.check(path, way_out=way_out)
    try:
        require_honest_arrays(path)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return arrays, json_text.parsed(str(arrays.pop(_MANIFEST)))
    except UNREADABLE as error:
        raise DamagedFileError(f"{path}: cannot be read as {what} ({error}); {way_out}") from error


def write_json(path, value):
    """Writes a dict as JSON with sorted names, whole or not at all."""
    with files.replacing(path) as file:
        file.write((json.dumps(value, indent=2, sort_keys=True) + "\n").encode())


def read_json(path, way_out):
    """The dict that `write_json` wrote.

    Raises:
        DamagedFileError: if the file holds anything else; its message ends with the way out.
    """
    try:
        value = json_text.parsed(pathlib.Path(path).read_text())
    except (OSError, ValueError) as error:
        raise DamagedFileError(f"{path}: cannot be read ({error}); {way_out}") from error
    if not isinstance(value, dict):
        raise DamagedFileError(f"{path}: expected names with values, got {value!r}; {way_out}")
    return value
