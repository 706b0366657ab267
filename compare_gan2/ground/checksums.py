"""Checksums that identify weights and images, the whole content of each."""

import hashlib
import pathlib

import numpy as np

_BLOCK = 2**20


def checksum_of_bytes(content):
    """SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def checksum_of_file(path):
    """SHA-256 of a file's bytes as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    _add_file(digest, pathlib.Path(path))
    return digest.hexdigest()


def checksum_of_saved_model(directory):
    """SHA-256 over the graph and the variables of a SavedModel, names included; other files do not count."""
    directory, digest = pathlib.Path(directory), hashlib.sha256()
    for path in sorted([directory / "saved_model.pb", *(directory / "variables").glob("*")]):
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0")
        _add_file(digest, path)
    return digest.hexdigest()


def checksum_of_arrays(arrays):
    """SHA-256 over type, shape and bytes of arrays in their order."""
    digest = hashlib.sha256()
    for array in arrays:
        array = np.atleast_1d(array)
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        rows = max(_BLOCK * len(array) // max(array.nbytes, 1), 1)
        for start in range(0, len(array), rows):  # so that only a part is copied
            digest.update(array[start : start + rows].tobytes())
    return digest.hexdigest()


def _add_file(digest, path):
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
