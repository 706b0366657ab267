"""Which images are scored when fewer are asked for than there are: drawn by a seed, or the first ones."""

import zlib

import numpy as np

from compare_gan2.ground.errors import DataError
from compare_gan2.ground.random_streams import random_state


def chosen_images(count, available, what, seed):
    """Indices int64 [count] of the images, ascending; None if all are scored.

    Drawn ones are the first of a seeded permutation. Neither an order by class nor one by time then decides which
    images a score is of.

    Args:
        count: number of images; None for all.
        available: number of images that there are.
        what: start of messages, such as "--fake: photos".
        seed: of the permutation, whole number in [0, 2**32); None: the first images are taken, in their order.

    Raises:
        DataError: for more images than there are.
    """
    if count is None or count == available:
        return None
    if count > available:
        raise DataError(f"{what}: {count} images are asked for, there are {available}")
    if seed is None:
        return np.arange(count)
    order = random_state(seed, zlib.crc32(f"images of {available}".encode())).permutation(available)
    return np.sort(order[:count])
