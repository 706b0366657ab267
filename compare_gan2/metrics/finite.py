"""The check that keeps NaN and infinity out of scores."""

import numpy as np


def finite_matrix(what, array, *, min_rows=1):
    """`array` as float64 [rows, columns].

    Args:
        what: name of the array in messages, e.g. "fid: fake features".
        array: anything NumPy can read as a matrix.
        min_rows: fewest rows that the score is defined for.

    Raises:
        ValueError: if it is no matrix, has too few rows or no columns, or holds NaN or infinity.
    """
    matrix = np.asarray(array, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] < min_rows or matrix.shape[1] < 1:
        raise ValueError(f"{what}: expected a matrix with at least {min_rows} rows, got shape {matrix.shape}")
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if bad.size:
        raise ValueError(f"{what}: {bad.size} of {len(matrix)} rows hold NaN or infinity, the first is row {bad[0]}")
    return matrix
