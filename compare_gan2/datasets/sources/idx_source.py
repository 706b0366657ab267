"""Images in MNIST's file format, IDX: `dataset.name = "idx"`, for MNIST, KMNIST, EMNIST and data like these."""

import numpy as np

from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.labels.histogram import per_class
from compare_gan2.datasets.labels.test_split import held_out
from compare_gan2.datasets.sources.array_checks import checked_images, checked_labels
from compare_gan2.datasets.sources.idx_files import read_idx
from compare_gan2.datasets.sources.idx_folder import find_files
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.datasets.sources.padding import padded
from compare_gan2.ground.checksums import checksum_of_arrays
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.ground.image_size import in_pixels

_TRANSPOSED = "emnist"  # the beginning of the names of files that hold columns as rows


def open_idx(options):
    """`ImageDataset` of IDX files, its labels as stored; all is kept in memory.

    Labels from 1 to the number of classes, as EMNIST's letters have them, are read as classes from 0.

    Args:
        options: `IdxOptions`.

    Raises:
        DataError: if files are missing, cut, of another format, or do not fit each other.
        ConfigError: for a side that is smaller than the pictures, another number of names than classes, or if the share
            held out would be no image.
    """
    files = find_files(options.path)
    first = files["train", "images"]
    transposed = options.transposed
    if transposed is None:
        transposed = first.name.lower().startswith(_TRANSPOSED)
    splits = {split: _split(files, split, options, transposed) for split, kind in files if kind == "images"}
    has_labels = ("train", "labels") in files
    shift = _lowest([labels for _, labels in splits.values()]) if has_labels else 0
    splits = {split: (images, labels - shift) for split, (images, labels) in splits.items()}
    if "test" not in splits:
        images, labels = splits["train"]
        is_test = held_out(labels, options.test_fraction, "idx.test_fraction")
        splits = {"train": (images[~is_test], labels[~is_test]), "test": (images[is_test], labels[is_test])}
    train, test = splits["train"], splits["test"]
    if train[0].shape[1:] != test[0].shape[1:] or train[0].dtype != test[0].dtype:
        raise DataError(
            f"idx.path: expected test images like those of training ({train[0].dtype} of {train[0].shape[1:]}), got"
            f" {test[0].dtype} of {test[0].shape[1:]} at {options.path}"
        )
    num_classes = int(max(train[1].max(), test[1].max())) + 1 if has_labels else None
    class_names = _class_names(options.class_names, num_classes)
    return ImageDataset(
        f"idx:{_name(first)}",
        tuple(train[0].shape[1:]),
        num_classes,
        InMemorySource(train, test),
        class_names,
        fingerprint=f"sha256 {checksum_of_arrays([*train, *test])}",
        notes=tuple(_notes(options, transposed, shift, class_names or range(num_classes or 0), train, test)),
    )


def _split(files, split, options, transposed):
    """(images uint8 or float [N,H,W,C], labels int32 [N], 0 if there are none) of "train" or "test"."""
    path = files[split, "images"]
    images = checked_images(read_idx(path, "idx.path"), f"idx.path: {path}")
    if transposed:
        images = np.swapaxes(images, 1, 2)
    if options.side is not None:
        try:
            images = padded(images, options.side)
        except ValueError as error:
            raise ConfigError(f"idx.side: {error} in {path}; bind a larger one, or none") from error
    if (split, "labels") not in files:
        return images, np.zeros([len(images)], np.int32)
    path = files[split, "labels"]
    labels = read_idx(path, "idx.path")
    if labels.ndim != 1 or len(labels) != len(images):
        raise DataError(
            f"idx.path: expected a label for each of the {len(images)} images of {files[split, 'images']}, got"
            f" {' x '.join(map(str, labels.shape))} of them in {path}; download or copy both again"
        )
    return images, checked_labels(labels, len(images), f"idx.path: {path}")


def _lowest(parts):
    """1 if the labels are 1 to the number of classes, else 0."""
    found = np.unique(np.concatenate(parts))
    return int(found[0] == 1 and found[-1] == len(found))


def _name(path):
    """Name of the data set of a file of training images: how the names of its files begin, else its folder's."""
    return path.name.split("train-images")[0].rstrip("-_.") or path.resolve().parent.name


def _class_names(names, num_classes):
    if names is None:
        return None
    if len(names) != num_classes:
        what = "files without labels" if num_classes is None else f"labels of {num_classes} classes"
        raise ConfigError(f"idx.class_names: expected a name for each class, got {len(names)} names for {what}")
    return tuple(names)


def _notes(options, transposed, shift, classes, train, test):
    count, (height, width, _) = len(train[0]) + len(test[0]), train[0].shape[1:]
    yield f"{options.path}: {count} images of {in_pixels(height, width)}, {train[0].dtype}"
    if transposed and options.transposed is None:
        yield "rows and columns are swapped, since EMNIST's files hold pictures lying on their sides (idx.transposed)"
    if shift:
        yield f"labels 1 to {len(classes)} are read as classes from 0"
    if classes:
        yield per_class("images", classes, np.bincount(np.concatenate([train[1], test[1]]), minlength=len(classes)))
