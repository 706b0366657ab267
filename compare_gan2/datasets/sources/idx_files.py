"""Arrays in IDX files, the format of MNIST (http://yann.lecun.com/exdb/mnist), plain or packed by gzip."""

import gzip
import math
import os
import zlib

import numpy as np

from compare_gan2.ground.archive_limits import MOST_RATIO, MOST_UNPACKED
from compare_gan2.ground.errors import DataError

# Third byte of a file -> type of its numbers, which are big-endian.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"
_MOST_SIDES = 4


def read_idx(path, option):
    """The array of an IDX file, in the byte order of this machine.

    A packed file is recognised by its first bytes, whatever its name.

    Args:
        path: of the file.
        option: start of messages, such as "idx.path".

    Raises:
        DataError: if it cannot be read, is of another format, or has fewer or more bytes than its header says.
    """
    what = f"{option}: {path}"
    try:
        with open(path, "rb") as plain:
            is_packed = plain.read(2) == _GZIP
            plain.seek(0)
            # What a header may claim: a reader sets memory aside before it reads.
            most = max(MOST_UNPACKED, MOST_RATIO * os.fstat(plain.fileno()).st_size)
            with gzip.open(plain) if is_packed else plain as file:
                return _array_of(file, what, most)
    except EOFError as error:
        raise DataError(f"{what}: the file is cut: {error}; download or copy it again") from error
    except (OSError, zlib.error) as error:
        raise DataError(f"{what}: the file cannot be read ({error}); download or copy it again") from error


def _array_of(file, what, most):
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in _TYPES or not 1 <= start[3] <= _MOST_SIDES:
        raise DataError(
            f"{what}: expected an IDX file, which starts with two zero bytes, a type and a number of dimensions, got"
            f" {'the bytes ' + start.hex(' ') if start else 'an empty file'}"
        )
    dtype, sides = np.dtype(_TYPES[start[2]]), start[3]
    header = file.read(4 * sides)
    if len(header) < 4 * sides:
        raise DataError(f"{what}: the file is cut within its header; download or copy it again")
    shape = tuple(np.frombuffer(header, ">u4").tolist())
    expected = math.prod(shape) * dtype.itemsize
    said = f"its header says {' x '.join(map(str, shape))} numbers, which are {expected:,} bytes"
    if expected > most:
        raise DataError(f"{what}: {said}, more than a file of this size may hold: it is damaged")
    content = file.read(expected)
    if len(content) < expected:
        raise DataError(f"{what}: the file is cut: {said}, and {len(content):,} follow; download or copy it again")
    if file.read(1):
        raise DataError(f"{what}: {said}, and more follow: it is damaged or of another format")
    return np.frombuffer(content, dtype).astype(dtype.newbyteorder("=")).reshape(shape)
