"""Order of the rows of a set by what they hold, so that scores do not depend on the order in which images came.

Sorted rows make floating-point sums equal to the last bit. Where a metric cuts or draws, it takes the sorted rows in a
seeded permutation: sorted ones alone would put similar images side by side.
"""

import hashlib
import zlib

import numpy as np

from compare_gan2.ground.random_streams import random_state

_FIRST = 8  # numbers of a row that decide, unless two rows have the same


def content_order(array, labels=None):
    """Indices [num_rows] that sort rows by what they hold; equal rows are interchangeable.

    Features and logits are compared number by number, so that rounding errors exchange neighbours at most; images by
    their checksum, which takes no memory.

    Args:
        array: [num_rows, ...] without NaN.
        labels: [num_rows], which decide between equal rows; None: nothing does.
    """
    array = np.asarray(array)
    keys = _numbers(array[:, :_FIRST]) if array.ndim == 2 else _checksums(array)
    order = np.argsort(keys, kind="stable")
    if array.ndim == 2 and (keys[order][1:] == keys[order][:-1]).any():
        keys = _numbers(array)
        order = np.argsort(keys, kind="stable")
    if labels is not None:
        labels = np.asarray(labels)
        ranks = np.empty(len(keys), np.int64)
        ranks[order] = np.cumsum(np.concatenate([[0], keys[order][1:] != keys[order][:-1]]))
        order = np.lexsort((labels, ranks))
    return order


def in_content_order(array):
    """The rows in `content_order`."""
    array = np.asarray(array)
    return array[content_order(array)]


def shuffled_order(array, seed, what, labels=None):
    """Indices [num_rows] of the rows in a seeded permutation that does not depend on the order in which they are given.

    Args:
        array, labels: see `content_order`.
        seed: whole number in [0, 2**32).
        what: text that keeps the permutations of one seed apart, such as "kid: real".
    """
    order = content_order(array, labels)
    return order[random_state(seed, zlib.crc32(what.encode())).permutation(len(order))]


def _numbers(matrix):
    """[num_rows] byte strings that sort as the rows do, the sign aside; -0.0 equals 0.0."""
    big_endian = np.ascontiguousarray(matrix + matrix.dtype.type(0), matrix.dtype.newbyteorder(">"))
    return big_endian.view(f"V{big_endian.dtype.itemsize * matrix.shape[1]}").reshape(-1)


def _checksums(images):
    """[num_rows] checksums of images, the same in float32 and float64."""
    digests = [hashlib.blake2b(np.ascontiguousarray(image, np.float32).tobytes(), digest_size=16) for image in images]
    return np.array([np.void(digest.digest()) for digest in digests])
