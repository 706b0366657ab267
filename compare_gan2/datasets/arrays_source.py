"""Images that somebody stored as arrays: `dataset.name = "arrays"`."""

import dataclasses
import hashlib
import pathlib
import zipfile

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import REQUIRED, ConfigError, configurable
from compare_gan2.datasets.array_checks import checked_images, checked_labels
from compare_gan2.datasets.held_out import held_out
from compare_gan2.datasets.histogram import per_class
from compare_gan2.datasets.in_memory import InMemorySource
from compare_gan2.datasets.labels import UNLABELLED
from compare_gan2.datasets.spec import ImageDataset

_KEYS = ("images", "labels", "test_images", "test_labels", "class_names")


@configurable("arrays", module="compare_gan2.datasets.arrays_source")
@dataclasses.dataclass(frozen=True)
class ArraysOptions:
    """Where the arrays are.

    Attributes:
        path: of an `.npz` file with `images` [N,H,W,C] (uint8, or floats in [0, 1]) and, where there are some, `labels`
            [N] (-1: unlabelled), `test_images`, `test_labels` and `class_names`.
        test_fraction: share of the images, or of those with a label, that is held out for scores; not used
            if the file has `test_images`.
    """

    path: str = REQUIRED
    test_fraction: float = 0.1

    def __post_init__(self):
        if not 0.0 < self.test_fraction < 1.0:
            raise ConfigError(f"arrays.test_fraction: expected a number between 0 and 1, got {self.test_fraction}")


def open_arrays():
    """`ImageDataset` of `arrays.path`, its labels as stored.

    Raises:
        ConfigError: if the file cannot be read, or its arrays do not fit each other.
    """
    options = configuration.build(ArraysOptions)
    stored, what = _read(options.path), f"arrays.path: {options.path}"
    images = checked_images(stored["images"], what)
    labels = _labels(stored, "labels", len(images), what)
    if "test_images" in stored:
        train = (images, labels)
        test = (checked_images(stored["test_images"], f"{what}, test_images"),)
        test += (_labels(stored, "test_labels", len(test[0]), what),)
        if ("labels" in stored) != ("test_labels" in stored) or "labels" in stored and test[1].min() < 0:
            raise ConfigError(f"{what}: expected a test label for each test image if there are labels, and none if not")
        _require_alike(what, train, test)
    else:
        labelled = labels >= 0 if np.any(labels >= 0) else np.ones(labels.shape, bool)
        is_test = np.zeros(labels.shape, bool)  # those without a label are for training alone
        is_test[labelled] = held_out(labels[labelled], options.test_fraction, "arrays.test_fraction")
        train, test = ((images[part], labels[part]) for part in (~is_test, is_test))
    num_classes, partly = None, "labels" in stored and np.any(train[1] < 0)
    if "labels" in stored:
        num_classes = max(int(labels.max()), int(test[1].max())) + 1
        if num_classes < 1:
            raise ConfigError(f"{what}: expected a label from 0 for some image, got -1 for all")
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
        fingerprint=f"sha256 {digest}, {options.test_fraction} held out",
        notes=tuple(_notes(options.path, class_names or range(num_classes or 0), train, test)),
    )


def _notes(path, classes, train, test):
    count, (height, width, _) = len(train[0]) + len(test[0]), train[0].shape[1:]
    yield f"{path}: {count} images of {width}x{height} pixels (width x height), {train[0].dtype}"
    if classes:
        labels = np.concatenate([train[1], test[1]])
        yield per_class("images", classes, np.bincount(labels[labels >= 0], minlength=len(classes)))
        if np.any(labels < 0):
            yield f"images without a label: {np.sum(labels < 0)}"


def _read(path):
    try:
        stored = np.load(path, allow_pickle=False)
        if not isinstance(stored, np.lib.npyio.NpzFile):
            raise ConfigError(f"arrays.path: expected an .npz file with an array 'images', got one array in {path}")
        with stored:
            found = {key: stored[key] for key in _KEYS if key in stored.files}
            if "images" not in found:
                raise ConfigError(f"arrays.path: expected an array 'images' in {path}, got {', '.join(stored.files)}")
            return found
    except ConfigError:
        raise
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise ConfigError(f"arrays.path: {path} cannot be read as an .npz file of arrays: {error}") from error


def _labels(stored, key, count, what):
    if key not in stored:
        return np.full([count], UNLABELLED, np.int32)
    return checked_labels(stored[key], count, f"{what}, {key}", lowest=UNLABELLED)


def _require_alike(what, train, test):
    if (train[0].shape[1:], train[0].dtype) != (test[0].shape[1:], test[0].dtype):
        raise ConfigError(
            f"{what}: expected test_images like images ({train[0].dtype} of {train[0].shape[1:]}), got "
            f"{test[0].dtype} of {test[0].shape[1:]}"
        )


def _class_names(stored, num_classes, what):
    if "class_names" not in stored:
        return None
    names = tuple(map(str, stored["class_names"]))
    if len(names) != num_classes:
        raise ConfigError(f"{what}: expected {num_classes} class_names, got {len(names)}")
    return names
