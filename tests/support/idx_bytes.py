"""Files in IDX format, for tests."""

import struct

TYPES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx(array):
    """Bytes of the IDX file of an array."""
    start = struct.pack(f">BBBB{array.ndim}I", 0, 0, TYPES[array.dtype.name], array.ndim, *array.shape)
    return start + array.astype(array.dtype.newbyteorder(">")).tobytes()
