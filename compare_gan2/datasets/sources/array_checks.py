"""Checks of images and labels that a user stored as arrays."""

import numpy as np

from compare_gan2.ground.errors import DataError
from compare_gan2.ground.messages import log

CLOSE = 1e-3  # of 0 and 1
MOST_EMPTY = 10  # classes per class that has an image


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
    if images.ndim != 4 or images.shape[3] not in (1, 3) or not images.size:
        hint = "; these look like [N, C, H, W]" if images.ndim == 4 and images.shape[1] in (1, 3) else ""
        raise DataError(f"{what}: expected images [N, H, W, 1 or 3] with N, H, W > 0, got shape {images.shape}{hint}")
    if images.dtype != np.uint8 and not np.issubdtype(images.dtype, np.floating):
        raise DataError(f"{what}: expected uint8 images, or floats in [0, 1], got {images.dtype}")
    _require_finite(images, what)
    low, high = float(images.min()), float(images.max())
    if images.dtype == np.uint8:
        if 0 < high <= 1:
            raise DataError(f"{what}: uint8 images with no value above 1 look like floats that were cut off")
    elif not (low >= 0 and high <= 1):
        advice = "divide by 255 or store uint8" if low >= 0 and 1 < high <= 255 else "bring them there first"
        if -CLOSE <= low and high <= 1 + CLOSE:
            advice = "they are beyond by rounding: np.clip(images, 0, 1)"
        elif -1 <= low < 0 and high <= 1:
            advice = "they look like [-1, 1]: store (x + 1) / 2"
        raise DataError(f"{what}: expected floats in [0, 1], got values from {low:.9g} to {high:.9g}; {advice}")
    return images


def _require_finite(images, what):
    if images.dtype == np.uint8:
        return
    for number, image in enumerate(images):  # one by one, since a mask of all would need much memory
        if not np.isfinite(image).all():
            bad = "NaN" if np.isnan(image).any() else "infinity"
            raise DataError(f"{what}: expected finite pixels, the first is image {number} with {bad}")


def checked_names(names, what):
    """Tuple of the names of classes in an array of text or of bytes in UTF-8.

    Raises:
        DataError: for bytes in another encoding.
    """
    try:
        return tuple(name.decode() if isinstance(name, bytes) else str(name) for name in np.asarray(names).tolist())
    except UnicodeDecodeError as error:
        raise DataError(f"{what}, class_names: expected text, or bytes in UTF-8: {error}") from error


def checked_labels(labels, count, what, lowest=0):
    """Labels int32 [count] of an array of whole numbers.

    [count, 1] is taken as [count], one-hot rows [count, K] as the number of their one, and floating-point whole numbers
    as whole numbers; the log says so.

    Args:
        labels: array.
        count: number of images.
        what: start of messages.
        lowest: smallest label allowed; -1 if images may be unlabelled.

    Raises:
        DataError: for another number, type or range, or labels so large that most classes would have no image.
    """
    labels, given = np.asarray(labels), labels
    if labels.dtype.kind in "USO" and labels.ndim and all(isinstance(each, (str, bytes)) for each in labels.flat):
        raise DataError(
            f"{what}: expected whole numbers as labels, got text such as {labels.item(0)!r}; number the classes, and "
            "name them by class_names: class_names, labels = np.unique(labels, return_inverse=True)"
        )
    if labels.ndim == 2 and labels.shape == (count, 1):
        labels = _read_as(labels[:, 0], given, what, f"[{count}]")
    elif labels.ndim == 2 and len(labels) == count and _is_one_hot(labels):
        labels = _read_as(labels.argmax(axis=1), given, what, f"one-hot rows of {labels.shape[1]} classes")
    if np.issubdtype(labels.dtype, np.floating) and np.isfinite(labels).all() and (labels == np.rint(labels)).all():
        labels = np.clip(labels, -1e9, 1e9)  # those beyond are refused below
        labels = _read_as(labels.astype(np.int64), given, what, "whole numbers")
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < lowest:
        raise DataError(
            f"{what}: expected {count} integer labels from {lowest}, got {labels.dtype} of shape {labels.shape} from"
            f" {labels.min() if labels.size else 'nothing'}"
        )
    classes, found = int(labels.max()) + 1, len(np.unique(labels[labels >= 0]))
    if classes > max(MOST_EMPTY * found, 1000):
        raise DataError(
            f"{what}: labels up to {labels.max()} would make {classes} classes, of which {found} have images; number "
            "those from 0: np.unique(labels, return_inverse=True)[1]"
        )
    return labels.astype(np.int32)


def counted_from_0(parts, num_classes, what):
    """The labels, one less where they are 1 to `num_classes` and none is 0; the log says so.

    Args:
        parts: list of labels int32 [n], such as those of training and of test images; -1 for unlabelled images.
        num_classes: number of classes, as their names give it; None if unknown.
        what: start of messages.
    """
    labels = np.concatenate(parts)
    if num_classes is None or labels.max() != num_classes or 0 in labels:
        return parts
    log.info(f"{what}: labels are read as classes counted from 1 to {num_classes}")
    return [np.where(part > 0, part - 1, part).astype(np.int32) for part in parts]


def _is_one_hot(labels):
    return labels.shape[1] > 1 and np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()


def _read_as(labels, given, what, how):
    """The labels; logs how they were read."""
    log.info(f"{what}: labels {given.dtype} {list(given.shape)} are read as {how}")
    return labels
