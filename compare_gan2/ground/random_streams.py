"""NumPy's random numbers by (seed, stream): independent of each other, and the same with every version of NumPy."""

import numpy as np


def random_state(seed, stream):
    """`RandomState` of a stream; its numbers are frozen by NumPy's compatibility policy, unlike those of `default_rng`.

    Args:
        seed: whole number in [0, 2**32).
        stream: whole number in [0, 2**32) that keeps the uses of one seed apart.
    """
    return np.random.RandomState([seed, stream])
