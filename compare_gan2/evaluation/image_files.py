"""Images of anyone's generator: folders of pictures and `.npz` files, checked before anything is computed."""

import concurrent.futures
import functools
import hashlib
import os
import pathlib
import zipfile

import numpy as np
import tensorflow as tf
from PIL import Image, UnidentifiedImageError

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.array_checks import checked_images, checked_labels
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.metrics.checksums import checksum_of_file
from compare_gan2.metrics.feature_networks import BATCH_SIZE
from compare_gan2.metrics.resizers import resize

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".webp")
_CHANNELS = {"1": 1, "L": 1, "LA": 1, "P": 3, "PA": 3, "RGB": 3, "RGBA": 3, "CMYK": 3, "YCbCr": 3}
_ORDER = "evenly spread over the order of paths or rows"
_UNREADABLE = (OSError, SyntaxError, ValueError, UnidentifiedImageError, Image.DecompressionBombError)


def of_folder(path, option, count=None, size=None, resizer="clean"):
    """`ImageSource` of the pictures in a folder and its sub-folders, in the order of their paths.

    Labels are the sub-folders in the order of their names, if every picture lies in one.

    Args:
        path: of the folder.
        option: for messages, such as "--fake".
        count: so many, evenly spread over the order; None for all.
        size: side in pixels that all are resized to; None: they have to be of one size.
        resizer: a key of `RESIZERS`.

    Raises:
        ConfigError: if there are no pictures or too few, one cannot be read, they are of several sizes, or of a kind
            other than 8 bits per channel without transparency.
    """
    root = pathlib.Path(path)
    # A link to nothing is among them, so that it is refused rather than left out.
    files = sorted(file for file in root.rglob("*") if file.suffix.lower() in SUFFIXES and not file.is_dir())
    if not files:
        raise ConfigError(f"{option}: expected pictures ({', '.join(SUFFIXES)}) in {root}, found none")
    files = [files[index] for index in _spread(count, len(files), f"{option}: {root}")]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        shapes = list(pool.map(functools.partial(_shape_of_file, option=option), files))
    channels = max(channels for _, _, channels in shapes)
    if size is None:
        other = next((index for index, shape in enumerate(shapes) if shape[:2] != shapes[0][:2]), None)
        if other is not None:
            first, odd = (f"{shapes[i][0]}x{shapes[i][1]} ({files[i]})" for i in (0, other))
            raise ConfigError(f"{option}: images of several sizes, {first} and {odd}; --size=N resizes all to NxN")
    height, width = (size, size) if size else shapes[0][:2]
    classes, labels = _classes(root, files)
    read = functools.partial(_read, option=option, channels=channels, size=size, resizer=resizer)
    return ImageSource(
        name=root.resolve().name,
        split="none",
        count=len(files),
        image_shape=(height, width, channels),
        num_classes=len(classes) if classes else None,
        batches=lambda: _batches_of_files(files, labels, read),
        fingerprint=lambda: _fingerprint(files),
        resize=f"{resizer} to {size}" if size else "none",
        class_names=classes,
        order=_ORDER,
    )


def of_arrays(path, option, count=None):
    """`ImageSource` of an `.npz` file: `images` (or its only array) uint8 or floats in [0, 1], and `labels` if there.

    Args:
        path: of the file.
        option: for messages, such as "--fake".
        count: so many, evenly spread over the order; None for all.

    Raises:
        ConfigError: if it cannot be read, has too few images, or arrays of another shape, type or range.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            names = [name for name in ("images", "arr_0") if name in stored]
            if not names:
                raise ConfigError(f"{option}: expected an array 'images' in {path}, found {', '.join(stored.files)}")
            images = stored[names[0]]
            labels = next((stored[name] for name in ("labels", "arr_1") if name in stored), None)
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ConfigError(f"{option}: {path} cannot be read as an .npz file of arrays: {error}") from error
    images = checked_images(images, f"{option}: {path}")
    if labels is not None:
        labels = checked_labels(labels, len(images), f"{option}: {path}")
    chosen = _spread(count, len(images), f"{option}: {path}")
    return ImageSource(
        name=pathlib.Path(path).stem,
        split="none",
        count=len(chosen),
        image_shape=images.shape[1:],
        num_classes=None if labels is None else int(labels.max()) + 1,
        batches=lambda: _batches_of_arrays(images, labels, chosen),
        fingerprint=lambda: checksum_of_file(path),
        order=_ORDER,
    )


def _spread(count, available, what):
    """Indices of `count` of the images, evenly spread, so that every class of a sorted folder is among them."""
    count = available if count is None else count
    if count > available:
        raise ConfigError(f"{what}: {count} images are asked for, there are {available}")
    return np.arange(count) * available // count


def _shape_of_file(path, option):
    """(height, width, channels) by the header of a picture."""
    try:
        with Image.open(path) as picture:
            mode, (width, height) = picture.mode, picture.size
    except _UNREADABLE as error:
        raise _unreadable(path, option, error) from error
    if mode not in _CHANNELS:
        raise ConfigError(f"{option}: expected pictures of 8 bits per channel, {path} is of Pillow's mode {mode!r}")
    return height, width, _CHANNELS[mode]


def _read(path, option, channels, size, resizer):
    """float32 [height, width, channels] in [0, 1] of one picture."""
    try:
        with Image.open(path) as picture:
            if picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info:
                if picture.convert("RGBA").getextrema()[3][0] < 255:
                    raise ConfigError(f"{option}: {path} has transparent pixels; put it on a background first")
            array = np.asarray(picture.convert("L" if channels == 1 else "RGB"), np.float32)
    except ConfigError:
        raise
    except _UNREADABLE as error:
        raise _unreadable(path, option, error) from error
    array = array.reshape(*array.shape[:2], channels)
    if size:
        array = resize(tf.constant(array[None]), size, size, resizer)[0].numpy()
    return np.clip(array / np.float32(255), 0, 1)


def _unreadable(path, option, error):
    return ConfigError(f"{option}: {path} cannot be read as a picture: {' '.join(str(error).split())}")


def _batches_of_files(files, labels, read):
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            yield np.stack(list(pool.map(read, files[part]))), None if labels is None else labels[part]


def _batches_of_arrays(images, labels, chosen):
    for start in range(0, len(chosen), BATCH_SIZE):
        part = chosen[start : start + BATCH_SIZE]
        batch = images[part]
        scaled = batch / np.float32(255) if batch.dtype == np.uint8 else batch.astype(np.float32)
        yield scaled, None if labels is None else labels[part]


def _classes(root, files):
    """(names of the classes, int32 labels), (None, None) unless every file lies in a sub-folder and there are some."""
    parts = [file.relative_to(root).parts for file in files]
    names = sorted({part[0] for part in parts})
    if any(len(part) < 2 for part in parts) or len(names) < 2:
        return None, None
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[part[0]] for part in parts], np.int32)


def _fingerprint(files):
    digest = hashlib.sha256()
    for file in files:
        status = os.stat(file)
        digest.update(f"{file.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
    return digest.hexdigest()
