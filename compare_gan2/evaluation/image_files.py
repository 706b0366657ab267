"""Images of any generator: folders of pictures, `.npz` files and arrays, checked before anything is computed."""

import concurrent.futures
import dataclasses
import functools
import hashlib
import os
import pathlib

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.pictures import picture_reader
from compare_gan2.datasets.pictures.folder_contents import SUFFIXES, everywhere_in, looks_unlabelled
from compare_gan2.datasets.pictures.left_out import left_out_lines
from compare_gan2.datasets.sources.array_checks import checked_images, checked_labels, checked_names, counted_from_0
from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.ground.array_files import read_npz
from compare_gan2.ground.checksums import checksum_of_arrays, checksum_of_file
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.masked_arrays import refuse_masked
from compare_gan2.ground.messages import log
from compare_gan2.metrics.networks.feature_networks import BATCH_SIZE
from compare_gan2.metrics.networks.resizers import resize

_ORDER = "in the order of paths or rows"


def of_folder(
    path, option, count=None, size=None, resizer="clean", *, seed=0, rules=picture_reader.SCORING, unlabelled=None
):
    """`ImageSource` of the pictures in a folder and its sub-folders, in the order of their paths.

    Pictures are those of `folder_contents`; what is left out is logged.
    Labels are the sub-folders in the order of their names, if every picture is in one that is a class.

    Args:
        path: of the folder.
        option: start of messages, such as "--fake".
        count: number of pictures; None: all.
        size: side in pixels that all are resized to; None: they have to be of one size.
        resizer: a key of `RESIZERS`.
        seed: which of them, see `drawn_images.chosen_images`.
        rules: `picture_reader.ReadingRules`.
        unlabelled: sub-folder of pictures without a label, as `folder.unlabelled`; None: those that are named so.

    Raises:
        DataError: if there are too few pictures, one cannot be read, they are of several sizes, or of a kind other
            than 8 bits per channel without transparency.
    """
    root = pathlib.Path(path)
    contents = everywhere_in(root, option)
    for line in left_out_lines(contents, root):
        log.info(f"{option}: {line}".encode("utf-8", "backslashreplace").decode())
    if not contents.pictures:
        raise DataError(f"{option}: expected pictures ({', '.join(SUFFIXES)}) in {root}, found none")
    chosen = chosen_images(count, len(contents.pictures), f"{option}: {root}", seed)
    files = contents.pictures if chosen is None else [contents.pictures[index] for index in chosen]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        shapes = list(pool.map(functools.partial(_shape_of_file, option=option, rules=rules), files))
    channels = max(channels for _, _, channels in shapes)
    if size is None:
        other = next((index for index, shape in enumerate(shapes) if shape[:2] != shapes[0][:2]), None)
        if other is not None:
            first, odd = (f"{shapes[i][0]}x{shapes[i][1]} ({files[i]})" for i in (0, other))
            raise DataError(
                f"{option}: images of several sizes (height x width), {first} and {odd}; --size=N resizes all to NxN"
            )
    height, width = (size, size) if size else shapes[0][:2]
    classes, labels = _classes(
        root, contents.pictures, unlabelled, option
    )  # of all, so that their numbers do not depend on the part
    labels = labels if labels is None or chosen is None else labels[chosen]
    read = functools.partial(_read, option=option, channels=channels, size=size, resizer=resizer, rules=rules)
    return ImageSource(
        name=root.resolve().name,
        split="none",
        count=len(files),
        image_shape=(height, width, channels),
        num_classes=len(classes) if classes else None,
        batches=lambda: _batches_of_files(files, labels, read),
        fingerprint=lambda: _fingerprint(root, files, rules),
        resize=f"{resizer} to {size}" if size else "none",
        class_names=classes,
        order=_ORDER,
        is_part=chosen is not None,
        drawn_by=None if chosen is None else seed,
        pixels="upright" if rules.upright else "as_stored",
    )


def of_arrays(path, option, count=None, seed=0):
    """`ImageSource` of an `.npz` file: `images` (or its only array), and `labels` and `class_names` if it has them.

    Args:
        path: of the file.
        option: start of messages, such as "--fake".
        count: number of images; None: all.
        seed: which of them, see `drawn_images.chosen_images`.

    Raises:
        DataError: if the file cannot be read, has too few images, or arrays that `of_images` does not take.
    """
    stored = read_npz(path, option, required=("images", "arr_0"), optional=("labels", "arr_1", "class_names"))
    images = stored.get("images", stored.get("arr_0"))
    labels, names = stored.get("labels", stored.get("arr_1")), None
    if labels is not None and "class_names" in stored:
        names = checked_names(stored["class_names"], f"{option}: {path}")
        labels = checked_labels(labels, len(images), f"{option}: {path}")
        [labels] = counted_from_0([labels], len(names), f"{option}: {path}")
    source = of_images(images, labels, f"{option}: {path}", count, name=pathlib.Path(path).stem, seed=seed)
    if names is not None and len(names) < source.num_classes:
        raise DataError(f"{option}: {path}: expected {source.num_classes} class_names or more, got {len(names)}")
    return dataclasses.replace(
        source,
        num_classes=len(names) if names else source.num_classes,
        class_names=names,
        fingerprint=lambda: checksum_of_file(path),
    )


def of_images(images, labels, what, count=None, *, name="arrays", seed=0):
    """`ImageSource` of arrays.

    Args:
        images: [N,H,W,C] or [N,H,W], uint8 or floats in [0, 1].
        labels: whole numbers [N] from 0; None without labels.
        what: start of messages, such as "--fake: faces.npz".
        count: number of images; None: all.
        name: of the images in the protocol of scores.
        seed: which of them, see `drawn_images.chosen_images`.

    Raises:
        DataError: for arrays of another shape, type or range, or fewer images than requested.
    """
    images = checked_images(_as_array(images, what, "images [N, H, W, C] of one size"), what)
    labels = None if labels is None else checked_labels(_as_array(labels, what, "labels [N]"), len(images), what)
    drawn = chosen_images(count, len(images), what, seed)
    chosen = np.arange(len(images)) if drawn is None else drawn
    return ImageSource(
        name=name,
        split="none",
        count=len(chosen),
        image_shape=images.shape[1:],
        num_classes=None if labels is None else int(labels.max()) + 1,
        batches=lambda: _batches_of_arrays(images, labels, chosen),
        fingerprint=lambda: checksum_of_arrays([images] if labels is None else [images, labels]),
        order=_ORDER,
        is_part=drawn is not None,
        drawn_by=None if drawn is None else seed,
    )


def _as_array(values, what, expected):
    refuse_masked(what, values, DataError)
    try:
        return np.asarray(values)
    except ValueError as error:  # lists of unequal lengths
        raise DataError(f"{what}: expected {expected}, got values that make no array: {error}") from error


def _shape_of_file(path, option, rules):
    """(height, width, channels) by the header of a picture."""
    return _attempt(functools.partial(picture_reader.header_of, rules=rules), path, option).shape


def _read(path, option, channels, size, resizer, rules):
    """float32 [height, width, channels] in [0, 1] of one picture."""
    read = functools.partial(picture_reader.read, channels=channels, rules=rules)
    array = np.asarray(_attempt(read, path, option), np.float32)
    array = array.reshape(*array.shape[:2], channels)
    if size:
        array = resize(tf.constant(array[None]), size, size, resizer)[0].numpy()
    return np.clip(array / np.float32(255), 0, 1)


def _attempt(function, path, option):
    """Value of a function of a picture; a `DataError` if it cannot be read or the rules refuse it."""
    try:
        return function(path)
    except picture_reader.UnfitPicture as error:
        raise DataError(f"{option}: {error}") from error
    except Exception as error:  # decoders raise errors of any kind
        reason = picture_reader.reason_of(error)
        raise DataError(f"{option}: {path} cannot be read as a picture: {reason}") from error


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


def _classes(root, files, unlabelled, option):
    """(names of the classes, int32 labels), (None, None) unless every file is in a sub-folder and there are several."""
    if without := [file for file in files if _is_unlabelled(file, root, unlabelled)]:
        log.info(
            f"{option}: {len(without)} of {len(files)} pictures of {root} have no label (such as {without[0].name}; "
            "folder.unlabelled), so that no score of classes can be computed"
        )
        return None, None
    parts = [file.relative_to(root).parts for file in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    loose = [part for part in parts if len(part) == 1]
    if names and (loose or len(names) == 1):
        where = f"{len(loose)} of them (such as {loose[0][0]}) are in no" if loose else "all are in one"
        log.info(f"{option}: the {len(files)} pictures of {root} have no classes, since {where} sub-folder")
    if loose or len(names) < 2:
        return None, None
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[part[0]] for part in parts], np.int32)


def _is_unlabelled(file, root, unlabelled):
    if unlabelled is not None:
        return root / unlabelled in file.parents
    folder, *below = file.relative_to(root).parts
    return bool(below) and looks_unlabelled(folder)


def _fingerprint(root, files, rules):
    """Text that differs where a path below the root (class included), size or time does, or the rules of reading.

    The time of the last change counts, too, which no program can set: a picture that is replaced by one of its size,
    with its time restored, is another one.
    """
    digest = hashlib.sha256(repr(rules).encode())
    for file in files:
        status, name = os.stat(file), file.relative_to(root).as_posix()
        times = f"{status.st_mtime_ns}\0{status.st_ctime_ns}"
        digest.update(f"{name}\0{status.st_size}\0{times}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
