"""Checks that keep NaN, infinity, wrong shapes and wrong labels out of scores."""

import numpy as np

from compare_gan2.ground.masked_arrays import refuse_masked


def finite_matrix(what, array, *, min_rows=1):
    """`array` as float64 [rows, columns].

    Args:
        what: name of the array in messages, e.g. "fid: fake features".
        array: anything NumPy can read as a matrix.
        min_rows: fewest rows that the score is defined for.

    Raises:
        ValueError: if it is not a matrix, has too few rows or no columns, or holds NaN or infinity.
    """
    return checked_matrix(what, array, min_rows=min_rows).astype(np.float64, copy=False)


def checked_matrix(what, array, *, min_rows=1):
    """`array` [rows, columns] after the checks of `finite_matrix`; floating-point arrays are not copied."""
    refuse_masked(what, array)
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
        ValueError: if it is another array, is empty, or a value is NaN or outside [0, 1].
    """
    refuse_masked(what, images)
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


def check_range(images, first=0, what="feature network"):
    """Raises a `ValueError` that names the first image with a value that is NaN or outside [0, 1].

    Args:
        images: array [N, ...].
        first: number of its first image, for the message.
        what: whose images, for the message.
    """
    inside = ((images >= 0) & (images <= 1)).reshape(len(images), -1).all(axis=1)  # False for NaN
    if inside.all():
        return
    index = int(np.argmin(inside))
    values = "NaN" if np.isnan(images[index]).any() else f"values from {images[index].min()} to {images[index].max()}"
    raise ValueError(
        f"{what}: expected images in [0, 1]; {np.sum(~inside)} of {len(images)} are not,"
        f" the first is image {first + index} with {values}"
    )


def check_finite(outputs, name, first=0, what="feature network"):
    """Raises a `ValueError` that names the first image whose row of a network's outputs holds NaN or infinity."""
    finite = np.isfinite(outputs).all(axis=1)
    if not finite.all():
        index = int(np.argmin(finite))
        raise ValueError(
            f"{what}: {np.sum(~finite)} of {len(outputs)} images have {name} with NaN or infinity, the first is image"
            f" {first + index}"
        )


def class_labels(what, labels, count, num_classes=None):
    """`labels` as an integer array [count].

    Args:
        what: name of the labels' owner in messages, e.g. "intra_class_fid: real".
        labels: integers.
        count: how many there must be.
        num_classes: labels have to be in 0..num_classes-1; None refuses negative ones only.

    Raises:
        ValueError: for another number of labels, labels that are not integers, or a label outside the classes (-1,
            which means "unlabelled", included).
    """
    refuse_masked(what, labels)
    labels = np.asarray(labels)
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{what}: expected {count} integer labels, got {labels.dtype} of shape {labels.shape}")
    if labels.min() < 0 or (num_classes is not None and labels.max() >= num_classes):
        range_text = "of at least 0" if num_classes is None else f"in 0..{num_classes - 1}"
        raise ValueError(f"{what}: expected labels {range_text}, got {labels.min()}..{labels.max()}")
    return labels
