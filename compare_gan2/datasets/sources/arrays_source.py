"""Images that a user stored as arrays: `dataset.name = "arrays"`."""

import hashlib
import pathlib

import numpy as np

from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.labels.histogram import per_class
from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.datasets.labels.test_split import held_out
from compare_gan2.datasets.sources.array_checks import checked_images, checked_labels, checked_names, counted_from_0
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.ground.array_files import read_npz
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.image_size import in_pixels

_OPTIONAL = ("labels", "test_images", "test_labels", "class_names")


def open_arrays(options):
    """`ImageDataset` of an `.npz` file, its labels as stored; all is kept in memory.

    Args:
        options: `ArraysOptions`.

    Raises:
        DataError: if the file cannot be read, or its arrays do not fit each other.
        ConfigError: if the share held out would be no image.
    """
    what = f"arrays.path: {options.path}"
    stored = read_npz(options.path, "arrays.path", required=("images",), optional=_OPTIONAL)
    images = checked_images(stored["images"], what)
    labels = _labels(stored, "labels", len(images), what)
    if "test_images" in stored:
        train = (images, labels)
        test = (checked_images(stored["test_images"], f"{what}, test_images"),)
        test += (_labels(stored, "test_labels", len(test[0]), what),)
        if ("labels" in stored) != ("test_labels" in stored) or "labels" in stored and test[1].min() < 0:
            raise DataError(f"{what}: expected a test label for each test image if there are labels, and none if not")
        _require_alike(what, train, test)
        numbers = counted_from_0([train[1], test[1]], _num_names(stored), what)
        train, test = (train[0], numbers[0]), (test[0], numbers[1])
    else:
        [labels] = counted_from_0([labels], _num_names(stored), what)
        labelled = labels >= 0 if np.any(labels >= 0) else np.ones(labels.shape, bool)
        is_test = np.zeros(labels.shape, bool)  # the unlabelled are for training alone
        is_test[labelled] = held_out(labels[labelled], options.test_fraction, "arrays.test_fraction")
        train, test = ((images[part], labels[part]) for part in (~is_test, is_test))
    num_classes, partly = None, "labels" in stored and np.any(train[1] < 0)
    if "labels" in stored:
        known = np.concatenate([train[1], test[1]])
        num_classes = int(known.max()) + 1
        if num_classes < 1:
            raise DataError(f"{what}: expected a label from 0 for some image, got -1 for all")
        if 0 not in known and len(np.unique(known[known >= 0])) == num_classes - 1 and num_classes > 2:
            raise DataError(
                f"{what}: labels are 1 to {num_classes - 1} and none is 0, so that class 0 would have no image; store "
                f"labels - 1, or {num_classes - 1} class_names if they are counted from 1"
            )
    with open(options.path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    class_names = _class_names(stored, num_classes, what)
    return ImageDataset(
        f"arrays:{pathlib.Path(options.path).stem}",
        tuple(images.shape[1:]),
        num_classes,
        InMemorySource(*((part[0], part[1] if num_classes else np.zeros_like(part[1])) for part in (train, test))),
        class_names,
        labels=train[1] if partly else None,
        unlabelled=("train",) if partly else (),
        fingerprint=f"sha256 {digest}, {options.test_fraction} held out",
        notes=tuple(_notes(options.path, class_names or range(num_classes or 0), train, test)),
    )


def _notes(path, classes, train, test):
    count, (height, width, _) = len(train[0]) + len(test[0]), train[0].shape[1:]
    yield f"{path}: {count} images of {in_pixels(height, width)}, {train[0].dtype}"
    if classes:
        labels = np.concatenate([train[1], test[1]])
        yield per_class("images", classes, np.bincount(labels[labels >= 0], minlength=len(classes)))
        if np.any(labels < 0):
            yield f"images without a label: {np.sum(labels < 0)}"


def _labels(stored, key, count, what):
    if key not in stored:
        return np.full([count], UNLABELLED, np.int32)
    return checked_labels(stored[key], count, f"{what}, {key}", lowest=UNLABELLED)


def _require_alike(what, train, test):
    if (train[0].shape[1:], train[0].dtype) != (test[0].shape[1:], test[0].dtype):
        raise DataError(
            f"{what}: expected test_images like images ({train[0].dtype} of {train[0].shape[1:]}), got "
            f"{test[0].dtype} of {test[0].shape[1:]}"
        )


def _num_names(stored):
    return len(stored["class_names"]) if "class_names" in stored else None


def _class_names(stored, num_classes, what):
    if "class_names" not in stored:
        return None
    names = checked_names(stored["class_names"], what)
    if len(names) != num_classes:
        raise DataError(f"{what}: expected {num_classes} class_names, got {len(names)}")
    return names
