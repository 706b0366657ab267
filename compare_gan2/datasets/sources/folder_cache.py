"""Pictures of a folder, decoded once and cached as TFRecord shards with a manifest.

The folder of a cache is named by a hash of everything that determines its content (names, sizes and times of the
pictures, resolution, crop, share held out). It appears in one step when it is complete, and its records never change. A
record is a `tf.train.Example` with `image`, a serialized uint8 tensor [h,w,C], and `label`. Training records have one
fixed shuffled order. Empty files `same-...` name the states of the folder whose pictures were found to be the cached
ones.
"""

import concurrent.futures
import contextlib
import dataclasses
import errno
import functools
import json
import os
import pathlib
import re
import shutil

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.labels.test_split import held_out
from compare_gan2.datasets.pictures import picture_reader, training_picture
from compare_gan2.datasets.pictures.picture_digests import content_of
from compare_gan2.datasets.sources.folder_headers import attempt, fits, headers_of, large_enough
from compare_gan2.datasets.sources.folder_manifest import manifest_of, stored_label
from compare_gan2.datasets.sources.record_shards import RecordShards
from compare_gan2.ground import disks, files, json_text, sealed_files, store
from compare_gan2.ground.array_files import UNREADABLE
from compare_gan2.ground.errors import ConfigError, DamagedFileError, DataError
from compare_gan2.ground.messages import log
from compare_gan2.ground.progress import Progress

VERSION = 4  # of this file and of the reading of pictures; caches of other versions are not used
AT_ONCE = 256  # pictures that are decoded before they are written
ORDER_SEED = 0


@dataclasses.dataclass(frozen=True)
class Cache:
    """A complete cache.

    Attributes:
        path: of its folder.
        manifest: dict that describes its content, see `folder_manifest`.
        names: names of the training pictures, in the order of the records.
        labels: int32 labels of the same; 0 without classes, -1 for pictures without a label beside classes.
    """

    path: pathlib.Path
    manifest: dict
    names: list
    labels: np.ndarray

    def shards(self, split):
        """Paths of the shards of a split, in order."""
        return [str(self.path / name) for name in self.manifest["shards"][split]]


def opened(listing, options, cache_dir):
    """`Cache` of the pictures of a listing; they are decoded first if they are not cached.

    Args:
        listing: `Listing`.
        options: `FolderOptions`.
        cache_dir: folder of all caches.

    Raises:
        DataError: if too many pictures cannot be read, or a class is left without any for training.
        ConfigError: if the cache folder cannot be written, or the share held out would be no picture.
        DamagedFileError: if the cache is not what its manifest says.
        OSError: if the disk is full.
    """
    facts = [VERSION, options.resolution, options.crop, options.test_fraction, listing.digest(with_times=True)]
    facts += [options.max_pixels] if options.max_pixels != picture_reader.MAX_PIXELS else []
    facts += list(options.unlike_before.items())
    digest = store.key_of(facts)[:16]
    name = re.sub(r"[^\w.-]", "_", f"folder-{listing.root.resolve().name}-{options.resolution}-{digest}")
    path = pathlib.Path(cache_dir) / name
    of_this_state = path.with_name(f"{name}-{listing.last_changes}")
    if of_this_state.exists():
        return _opened(listing, options, of_this_state)
    cache = _opened(listing, options, path)
    if _holds_these(cache, listing, options):
        return cache
    log.warning(
        f"{listing.root}: its pictures are not those cached in {path}, which have the same names, sizes and times; "
        "they are decoded again"
    )
    return _opened(listing, options, of_this_state)


def _opened(listing, options, path):
    """`Cache` in a folder, which is filled first if it is missing or damaged."""
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"folder.cache_dir: cannot write to {path.parent}: {error.strerror}") from error
        with files.locked(path):
            if not path.exists():
                _build(listing, options, path)
    try:
        return _read(path)
    except DamagedFileError as error:
        log.warning(f"{error}: the pictures are decoded again")
    with files.locked(path):
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            raise DamagedFileError(f"{path}: damaged, and cannot be removed; delete it")
        _build(listing, options, path)
    return _read(path)


def _holds_these(cache, listing, options):
    """Whether a cache is of the pictures as they are now; reads them if they were touched since that was found out."""
    found = cache.path / _same(listing)
    if found.exists():
        return True
    numbers = {name: number for number, name in enumerate(listing.names)}
    unreadable = [listing.path_of(numbers[name]) for name in cache.manifest["unreadable"]]
    decode = _decoder(options, cache.manifest["channels"])
    if any(reason is None for _, reason in (attempt(decode, path) for path in unreadable)):
        return False  # it has been repaired
    try:
        of_splits = {"train": cache.names, "test": test_names(cache, listing, options)}
        content = {split: content_of(listing, map(numbers.get, names)) for split, names in of_splits.items()}
    except Exception:  # a picture that was read once cannot be read now, for any reason
        return False
    if content != cache.manifest.get("content"):
        return False
    with contextlib.suppress(OSError):  # of a cache that others share; the pictures are read at the next start, too
        found.touch()
    return True


def _same(listing):
    return f"same-{listing.last_changes}"


def stored_examples(paths):
    """tf.data.Dataset of (index int64, {"image": serialized tensor, "label": int64}) of shards.

    Args:
        paths: of the shards, in order.
    """
    features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    return tf.data.TFRecordDataset(paths).map(lambda record: tf.io.parse_single_example(record, features)).enumerate()


def test_names(cache, listing, options):
    """Names of the test pictures of a `Cache` in the order of their records; arguments as of `opened`.

    Raises:
        DamagedFileError: if the cache holds another number of them.
    """
    is_test, numbers = _split(listing, options)
    unreadable, some_left_out = cache.manifest["unreadable"], cache.manifest["left_out"]
    chosen = [int(number) for number in numbers if is_test[number] and listing.names[number] not in unreadable]
    if some_left_out:
        chosen = [number for number in chosen if fits(listing.path_of(number), options)]
    if len(chosen) != cache.manifest["counts"]["test"]:
        raise DamagedFileError(
            f"{cache.path}: holds {cache.manifest['counts']['test']} test pictures, expected {len(chosen)}; delete it"
        )
    return [listing.names[number] for number in chosen]


def _split(listing, options):
    """(boolean mask of the test pictures, numbers of all pictures in the order of the records)."""
    is_test = held_out(np.array(listing.labels), options.test_fraction, "folder.test_fraction")
    return is_test, np.random.RandomState(ORDER_SEED).permutation(len(is_test))


def _read(path):
    try:
        manifest = json_text.parsed(sealed_files.read(path / "manifest.json", "delete it"))
        sizes = {name: (path / name).stat().st_size for shards in manifest["shards"].values() for name in shards}
        with np.load(path / "training.npz", allow_pickle=False) as stored:
            names, labels = [str(name) for name in stored["names"]], stored["labels"]
    except UNREADABLE as error:
        raise DamagedFileError(f"{path}: cannot be read as cached pictures ({error})") from error
    if sizes != manifest["bytes"]:
        raise DamagedFileError(f"{path}: files are not as long as its manifest says")
    return Cache(path, manifest, names, labels)


def _build(listing, options, path):
    for old in path.parent.glob(f".{path.name}.*.tmp"):  # of a process that was killed, for we hold the lock
        shutil.rmtree(old)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.mkdir()
    try:
        _fill(temporary, listing, options)
        os.rename(temporary, path)
    except (OSError, tf.errors.OpError) as error:
        if not files.is_full_disk(error):
            raise
        raise OSError(errno.ENOSPC, f"no space left for cached pictures (folder.cache_dir): {error}", path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fill(folder, listing, options):
    with concurrent.futures.ThreadPoolExecutor() as pool:  # Pillow releases the GIL to decode and to resize
        headers, bad = headers_of(listing, pool, options.max_pixels)
        require_readable(bad, len(listing.names), options.max_bad_fraction)
        headers, smaller = large_enough(headers, listing, options)
        channels = options.channels_of(header.channels for header in headers.values())
        side = options.resolution
        disks.require_room(
            len(headers) * side * side * channels,
            folder.parent,
            f"folder.cache_dir: {len(headers)} pictures of {side}x{side} pixels",
            "name a folder on another disk, free space, or bind a smaller folder.resolution",
        )
        read = _decoder(options, channels)
        is_test, numbers = _split(listing, options)
        shards, written, done = {}, {}, 0
        with Progress(len(headers), 0, f"{listing.root}: decoding pictures", 1, unit="images") as progress:
            for split, is_member in (("train", ~is_test), ("test", is_test)):
                chosen = [number for number in numbers if is_member[number] and number in headers]
                writer = RecordShards(folder, split)
                written[split] = _write(listing, chosen, read, writer, pool, bad, progress, done)
                shards[split] = writer.close()
                done += len(chosen)
    require_readable(bad, len(listing.names), options.max_bad_fraction)
    _require_members(listing, written)
    train = written["train"]
    names = np.array([listing.names[number] for number in train])
    labels = np.array([stored_label(listing, number) for number in train], np.int32)
    np.savez(folder / "training.npz", names=names, labels=labels)
    manifest = {"version": VERSION} | manifest_of(listing, options, headers, channels, bad, written, shards)
    manifest["left_out"] = smaller
    manifest["bytes"] = {name: (folder / name).stat().st_size for names in shards.values() for name in names}
    sealed_files.write(folder / "manifest.json", json.dumps(manifest, indent=1).encode())
    (folder / _same(listing)).touch()


def _decoder(options, channels):
    """Function (path) -> image of a picture as it is cached."""
    kind = {"channels": channels, "resolution": options.resolution, "crop": options.crop}
    kind |= {"max_pixels": options.max_pixels, "background": options.background}
    return functools.partial(training_picture.training_picture, **kind)


def _write(listing, numbers, read, writer, pool, bad, progress, done):
    """Numbers of the pictures that were written; those that cannot be decoded are added to `bad`."""
    written = []
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        paths = [listing.path_of(number) for number in part]
        for number, (image, reason) in zip(part, pool.map(functools.partial(attempt, read), paths), strict=True):
            if reason is None:
                writer.write(image, stored_label(listing, number))
                written.append(int(number))
            else:
                bad[listing.names[number]] = reason
        progress.update(done + start + len(part))
    return written


def require_readable(bad, total, max_bad_fraction):
    """Raises a `DataError` if more pictures than this share cannot be read; `bad` is {name: reason}."""
    if len(bad) > max_bad_fraction * total:
        name, reason = next(iter(bad.items()))
        raise DataError(
            f"folder.max_bad_fraction: {len(bad)} of {total} pictures cannot be read (such as {name}: {reason}), "
            f"expected at most {max_bad_fraction:g} of them"
        )


def _require_members(listing, written):
    for split, numbers in written.items():
        if not numbers:
            raise DataError(f"folder.path: no picture is left for the {split} split of {listing.root}")
    left = {listing.labels[number] for number in written["train"]}
    for label, name in enumerate(listing.class_names or ()):
        if label not in left:
            raise DataError(
                f"folder.path: no picture of class {name} in {listing.root} is left for training: none can be read, or "
                "all are smaller than folder.resolution"
            )
