"""Reads `.npz` files that users made."""

import lzma
import struct
import zipfile
import zlib

import numpy as np

from compare_gan2.ground.archive_limits import require_honest_arrays
from compare_gan2.ground.errors import DataError

# What NumPy raises for a file that is damaged or something else; an object array would need pickle and is refused.
# A flipped bit of a zip's headers asks for other compressions, passwords, versions or absurd sizes.
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, zipfile.BadZipFile),
    *(NotImplementedError, RuntimeError, MemoryError, OverflowError, SyntaxError, struct.error, zlib.error),
    lzma.LZMAError,
)


def read_npz(path, option, required, optional=()):
    """{name: array} of the arrays of these names in an `.npz` file.

    Args:
        path: of the file.
        option: start of messages, such as "--fake".
        required: names, at least one of which has to exist.
        optional: names of further arrays.

    Raises:
        DataError: if the file cannot be read, or has none of the required arrays.
    """
    try:
        require_honest_arrays(path)
        if not zipfile.is_zipfile(path) and not _is_array(path):  # NumPy would say how to load it all the same
            raise ValueError("it holds no arrays")
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            raise ValueError("it holds one array, without a name")
        with loaded as stored:
            known = list(stored.files)
            found = {name: stored[name] for name in (*required, *optional) if name in known}
    except UNREADABLE as error:
        raise DataError(f"{option}: {path} cannot be read as an .npz file of arrays: {error}") from error
    if not found.keys() & set(required):
        raise DataError(f"{option}: expected an array {required[0]!r} in {path}, got {', '.join(known)}")
    return found


def _is_array(path):
    with open(path, "rb") as file:
        return file.read(len(np.lib.format.MAGIC_PREFIX)) == np.lib.format.MAGIC_PREFIX
