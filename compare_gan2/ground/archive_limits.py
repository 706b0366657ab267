"""Refuses `.npz` files whose arrays would take far more memory than the file has bytes, before they are unpacked."""

import zipfile

import numpy as np

MOST_UNPACKED = 2**31  # bytes of an array that is packed tighter than
MOST_RATIO = 100


def require_honest_arrays(path):
    """Checks the arrays of an `.npz` file by their headers; other files pass, NumPy answers for them.

    Raises:
        ValueError: for an array over `MOST_UNPACKED` bytes that is packed tighter than `MOST_RATIO`, or one that
            claims more bytes than it has.
        Exception: what damaged files raise, see `array_files.UNREADABLE`.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.file_size > max(MOST_UNPACKED, MOST_RATIO * member.compress_size):
                raise ValueError(
                    f"{member.filename} unpacks from {member.compress_size:,} to {member.file_size:,} bytes; packed "
                    f"tighter than {MOST_RATIO} an array may have {MOST_UNPACKED:,}"
                )
            if member.filename.endswith(".npy"):
                with archive.open(member) as file:
                    claimed = _claimed_bytes(file)
                if claimed > member.file_size:
                    raise ValueError(f"{member.filename} claims {claimed:,} bytes and has {member.file_size:,}")


def _claimed_bytes(file):
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    size = dtype.itemsize
    for side in shape:
        size *= side  # of Python, which has no largest number
    return 0 if dtype.hasobject else size  # objects are refused, since they are pickled
