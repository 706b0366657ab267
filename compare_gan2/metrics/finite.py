"""The checks that keep NaN, infinity and wrong shapes out of scores."""

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
    return checked_matrix(what, array, min_rows=min_rows).astype(np.float64, copy=False)


def checked_matrix(what, array, *, min_rows=1):
    """`array` [rows, columns] after the checks of `finite_matrix`, not copied if its type is a floating one."""
    matrix = np.asarray(array)
    if not np.issubdtype(matrix.dtype, np.floating):
        matrix = matrix.astype(np.float64)
    if matrix.ndim != 2 or matrix.shape[0] < min_rows or matrix.shape[1] < 1:
        raise ValueError(f"{what}: expected a matrix with at least {min_rows} rows, got shape {matrix.shape}")
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=1))
    if bad.size:
        raise ValueError(f"{what}: {bad.size} of {len(matrix)} rows hold NaN or infinity, the first is row {bad[0]}")
    return matrix


def checked_features(metric, real_features, fake_features, *, min_rows=1):
    """(real, fake) after the checks of `checked_matrix`.

    Args:
        metric: its name in messages.
        real_features: [num_real, num_features].
        fake_features: [num_fake, num_features].
        min_rows: fewest rows of each that the metric is defined for.

    Raises:
        ValueError: as `finite_matrix`, or if one is wider than the other.
    """
    real = checked_matrix(f"{metric}: real features", real_features, min_rows=min_rows)
    fake = checked_matrix(f"{metric}: fake features", fake_features, min_rows=min_rows)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(f"{metric}: expected equally wide features, got {real.shape[1]} real and {fake.shape[1]} fake")
    return real, fake


def unit_images(what, images):
    """`images` as a floating-point array [N, H, W, C] of values in [0, 1].

    Args:
        what: name of the array in messages.
        images: floating-point array with values in [0, 1], or unsigned bytes, which are divided by 255.

    Raises:
        ValueError: if it is no such array, is empty, or a value is NaN or outside [0, 1].
    """
    images = np.asarray(images)
    is_bytes = images.dtype == np.uint8
    if images.ndim != 4 or images.size == 0 or not (is_bytes or np.issubdtype(images.dtype, np.floating)):
        raise ValueError(
            f"{what}: expected images [N, H, W, C] of floats in [0, 1] or of bytes,"
            f" got {images.dtype} of shape {images.shape}"
        )
    if is_bytes:
        return images / np.float32(255)
    bad = np.flatnonzero(~((images >= 0) & (images <= 1)).reshape(len(images), -1).all(axis=1))  # True for NaN
    if bad.size:
        first = images[bad[0]]
        values = "NaN" if np.isnan(first).any() else f"values from {first.min():.4g} to {first.max():.4g}"
        raise ValueError(
            f"{what}: expected images in [0, 1]; {bad.size} of {len(images)} are not,"
            f" the first is image {bad[0]} with {values}"
        )
    return images
