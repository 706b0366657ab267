"""Checks of images and labels that a user stored as arrays."""

import numpy as np

from compare_gan2.ground.errors import DataError


def checked_images(images, what):
    """Images [N, H, W, C] of an array [N, H, W, C] or [N, H, W], uint8 or floats in [0, 1].

    Args:
        images: array.
        what: start of messages, such as "--fake: faces.npz".

    Raises:
        DataError: for another shape, type or range.
    """
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[3] not in (1, 3) or not len(images):
        hint = "; these look like [N, C, H, W]" if images.ndim == 4 and images.shape[1] in (1, 3) else ""
        raise DataError(f"{what}: expected images [N, H, W, 1 or 3] with N > 0, got shape {images.shape}{hint}")
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise DataError(f"{what}: expected uint8 images, or floats in [0, 1], got {images.dtype}")
    low, high = float(np.nanmin(images)), float(np.nanmax(images))
    if images.dtype == np.uint8:
        if 0 < high <= 1:
            raise DataError(f"{what}: uint8 images with no value above 1 look like floats that were cut off")
    elif not (low >= 0 and high <= 1):
        advice = "divide by 255 or store uint8" if low >= 0 and 1 < high <= 255 else "bring them there first"
        if -1 <= low < 0 and high <= 1:
            advice = "they look like [-1, 1]: store (x + 1) / 2"
        raise DataError(f"{what}: expected floats in [0, 1], got values from {low:g} to {high:g}; {advice}")
    return images


def checked_labels(labels, count, what, lowest=0):
    """Labels int32 [count] of an array of whole numbers.

    Args:
        labels: array.
        count: number of images.
        what: start of messages.
        lowest: smallest label allowed; -1 if images may be unlabelled.

    Raises:
        DataError: for another number, type or range.
    """
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < lowest:
        raise DataError(
            f"{what}: expected {count} integer labels from {lowest}, got {labels.dtype} of shape {labels.shape} from"
            f" {labels.min() if labels.size else 'nothing'}"
        )
    return labels.astype(np.int32)
