"""Pictures of a folder, decoded once and cached as TFRecord shards with a manifest.

The folder of a cache is named by a hash of everything that determines its content (names, sizes and times of the
pictures, resolution, crop, share held out). It appears in one step when it is complete, and never changes. A record is
a `tf.train.Example` with `image`, a serialized uint8 tensor [h,w,C], and `label`. Training records have one fixed
shuffled order.
"""

import concurrent.futures
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
from compare_gan2.ground import disks, files, sealed_files, store
from compare_gan2.ground.array_files import UNREADABLE
from compare_gan2.ground.errors import ConfigError, DamagedFileError, DataError
from compare_gan2.ground.messages import log
from compare_gan2.ground.progress import Progress

VERSION = 3  # of this file and of the reading of pictures; caches of other versions are not used
SHARD_BYTES = 128 * 2**20
AT_ONCE = 256  # pictures that are decoded before they are written
ORDER_SEED = 0


@dataclasses.dataclass(frozen=True)
class Cache:
    """A complete cache.

    Attributes:
        path: of its folder.
        manifest: dict that describes its content, see `_manifest`.
        names: names of the training pictures, in the order of the records.
        labels: int32 labels of the same; 0 without classes.
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
    digest = store.key_of(facts)[:16]
    name = re.sub(r"[^\w.-]", "_", f"folder-{listing.root.resolve().name}-{options.resolution}-{digest}")
    path = pathlib.Path(cache_dir) / name
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


def stored_examples(paths):
    """tf.data.Dataset of (index int64, {"image": serialized tensor, "label": int64}) of shards.

    Args:
        paths: of the shards, in order.
    """
    features = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    return tf.data.TFRecordDataset(paths).map(lambda record: tf.io.parse_single_example(record, features)).enumerate()


def _read(path):
    try:
        manifest = json.loads(sealed_files.read(path / "manifest.json", "delete it"))
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
        shapes, bad = _shapes(listing, pool, options.max_pixels)
        require_readable(bad, len(listing.names), options.max_bad_fraction)
        channels = max((shape[2] for shape in shapes.values()), default=3)
        side = options.resolution
        disks.require_room(
            len(shapes) * side * side * channels,
            folder.parent,
            f"folder.cache_dir: {len(shapes)} pictures of {side}x{side} pixels",
            "name a folder on another disk, free space, or bind a smaller folder.resolution",
        )
        kind = {"channels": channels, "resolution": side, "crop": options.crop, "max_pixels": options.max_pixels}
        read = functools.partial(training_picture.training_picture, **kind)
        is_test = held_out(np.array(listing.labels), options.test_fraction, "folder.test_fraction")
        numbers = np.random.RandomState(ORDER_SEED).permutation(len(is_test))
        shards, written, done = {}, {}, 0
        with Progress(len(shapes), 0, f"{listing.root}: decoding pictures", 1, unit="images") as progress:
            for split, is_member in (("train", ~is_test), ("test", is_test)):
                chosen = [number for number in numbers if is_member[number] and number in shapes]
                writer = _Shards(folder, split)
                written[split] = _write(listing, chosen, read, writer, pool, bad, progress, done)
                shards[split] = writer.close()
                done += len(chosen)
    require_readable(bad, len(listing.names), options.max_bad_fraction)
    _require_members(listing, written)
    train = written["train"]
    names = np.array([listing.names[number] for number in train])
    labels = np.array([max(listing.labels[number], 0) for number in train], np.int32)
    np.savez(folder / "training.npz", names=names, labels=labels)
    manifest = _manifest(listing, options, shapes, channels, bad, written, shards)
    manifest["bytes"] = {name: (folder / name).stat().st_size for names in shards.values() for name in names}
    sealed_files.write(folder / "manifest.json", json.dumps(manifest, indent=1).encode())


def known_channels(listing):
    """1 or 3, the channels that images of a folder will have, by the headers of its first pictures; None if unknown."""
    channels = []
    for name in listing.names[:AT_ONCE]:
        shape, _ = _attempt(_shape_of, listing.root / name)
        if shape is not None:
            channels.append(shape[2])
        if 3 in channels:
            return 3
    return max(channels, default=3) if len(listing.names) <= AT_ONCE else None


def _shape_of(path, max_pixels=picture_reader.MAX_PIXELS):
    return picture_reader.shape_of(path, dataclasses.replace(picture_reader.TRAINING, max_pixels=max_pixels))


def _attempt(function, path):
    """(value, None), or (None, reason) for a picture that cannot be read."""
    try:
        return function(path), None
    except Exception as error:  # decoders raise errors of any kind; they are counted and reported
        return None, picture_reader.reason_of(error)


def _shapes(listing, pool, max_pixels):
    """({number: (height, width, channels)}, {name: reason} of those that cannot be read), by their headers."""
    paths = [listing.root / name for name in listing.names]
    shape_of = functools.partial(_shape_of, max_pixels=max_pixels)
    found = list(pool.map(functools.partial(_attempt, shape_of), paths))
    shapes = {number: shape for number, (shape, reason) in enumerate(found) if reason is None}
    return shapes, {listing.names[n]: reason for n, (_, reason) in enumerate(found) if reason is not None}


def _write(listing, numbers, read, writer, pool, bad, progress, done):
    """Numbers of the pictures that were written; those that cannot be decoded are added to `bad`."""
    written = []
    for start in range(0, len(numbers), AT_ONCE):
        part = numbers[start : start + AT_ONCE]
        paths = [listing.root / listing.names[number] for number in part]
        for number, (image, reason) in zip(part, pool.map(functools.partial(_attempt, read), paths), strict=True):
            if reason is None:
                writer.write(image, max(listing.labels[number], 0))
                written.append(int(number))
            else:
                bad[listing.names[number]] = reason
        progress.update(done + start + len(part))
    return written


class _Shards:
    """Writer of records that begins another file when one is full."""

    def __init__(self, folder, split):
        self._folder, self._split = folder, split
        self._names, self._writer, self._room = [], None, 0

    def write(self, image, label):
        record = tf.train.Example(
            features=tf.train.Features(
                feature={
                    "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[_serialized(image)])),
                    "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
                }
            )
        ).SerializeToString()
        if self._room < len(record):
            self.close()
            self._names.append(f"{self._split}-{len(self._names):05}.tfrecord")
            self._writer, self._room = tf.io.TFRecordWriter(str(self._folder / self._names[-1])), SHARD_BYTES
        self._writer.write(record)
        self._room -= len(record)

    def close(self):
        """Closes the last file; returns the names of all."""
        if self._writer is not None:
            self._writer.close()
        return self._names


def _serialized(image):
    return tf.make_tensor_proto(image).SerializeToString()


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
            raise DataError(f"folder.path: no readable picture is left for the {split} split of {listing.root}")
    left = {listing.labels[number] for number in written["train"]}
    for label, name in enumerate(listing.class_names or ()):
        if label not in left:
            raise DataError(f"folder.path: no picture of class {name} in {listing.root} can be read for training")


def _manifest(listing, options, shapes, channels, bad, written, shards):
    read = [shapes[number][:2] for numbers in written.values() for number in numbers]
    areas = sorted(read, key=lambda shape: (shape[0] * shape[1], shape))
    histogram = np.bincount([listing.labels[n] for ns in written.values() for n in ns if listing.class_names] or [0])
    return {
        "version": VERSION,
        "resolution": options.resolution,
        "crop": options.crop,
        "test_fraction": options.test_fraction,
        "channels": channels,
        "class_names": listing.class_names,
        "counts": {split: len(numbers) for split, numbers in written.items()},
        "shards": shards,
        "content": {
            split: content_of(listing.root, sorted(listing.names[number] for number in numbers))
            for split, numbers in written.items()
        },
        "unreadable": bad,
        "histogram": histogram.tolist() if listing.class_names else None,
        "smallest": areas[0],
        "largest": areas[-1],
        "enlarged": sum(min(shape) < options.resolution for shape in read),
        "pictures": [
            {"path": name, "size": size, "mtime_ns": mtime}
            for name, size, mtime in zip(listing.names, listing.sizes, listing.mtimes, strict=True)
        ],
    }
