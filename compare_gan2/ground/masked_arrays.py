"""Arrays with a mask, which NumPy drops without a word when it converts them."""

import numpy as np


def refuse_masked(what, array, error=ValueError):
    """Raises an error if a NumPy masked array has masked values.

    Args:
        what: name of the array in the message.
        array: anything.
        error: type of the error.
    """
    if np.ma.is_masked(array):
        raise error(
            f"{what}: expected an array without a mask, got one with {np.ma.count_masked(array)} of {array.size} values"
            " masked; leave these rows out, or fill them with array.filled(value)"
        )
