"""Pictures of a user: `dataset.name = "folder"`."""

import functools

import tensorflow as tf

from compare_gan2.datasets.crops import cropped
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.labels.histogram import per_class
from compare_gan2.datasets.pictures.folder_contents import looks_unlabelled
from compare_gan2.datasets.pictures.folder_listing import list_pictures
from compare_gan2.datasets.pictures.left_out import left_out_lines, unreadable_line
from compare_gan2.datasets.sources import folder_cache, record_files
from compare_gan2.datasets.sources.stream_source import StreamSource
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.messages import log

_SQUARED = {  # crop -> what becomes of a picture that is not square
    "middle": "the largest square in the middle is taken",
    "random": "the largest square anywhere is taken",
    "distorted": "a square anywhere is taken",
    "none": "stretched to a square",
    "pad": "padded to a square",
}


class FolderSource(StreamSource):
    """`Source` of the images in a `folder_cache.Cache`.

    Args:
        cache: `Cache`.
        shuffle_buffer_size: see `StreamSource`.
        other_names: function () -> what `other_names` returns; None: that of `StreamSource`.
    """

    holds_labels = True
    drop_damaged = staticmethod(record_files.remove_damaged)

    def __init__(self, cache, shuffle_buffer_size, other_names=None):
        facts = cache.manifest
        self._other_names = other_names
        self._cache = cache
        side, crop, channels = facts["resolution"], facts["crop"], facts["channels"]
        train_transform, test_transform = cropped(crop, side, side)
        if crop in ("middle", "none", "pad"):  # done before the pictures were cached
            train_transform = test_transform = _scaled
        super().__init__(
            *(folder_cache.stored_examples(cache.shards(split)) for split in ("train", "test")),
            sizes=(facts["counts"]["train"], facts["counts"]["test"]),
            image_shape=(side, side, channels),
            decode=lambda image: tf.ensure_shape(tf.io.parse_tensor(image, tf.uint8), [None, None, channels]),
            train_transform=train_transform,
            test_transform=test_transform,
            shuffle_buffer_size=shuffle_buffer_size,
            label=lambda example: example["label"],
        )

    @property
    def record_files(self):
        """Paths of the shards of both splits."""
        return [path for split in ("train", "test") for path in self._cache.shards(split)]

    def training_labels(self):
        """See `Source`."""
        return self._cache.labels

    def content(self, split):
        """Checksums of the files of all pictures, and of their paths, which name their classes; see `Source`."""
        return self._cache.manifest["content"][split]

    def training_names(self):
        """Paths of the pictures below the folder; see `Source`."""
        return self._cache.names

    def other_names(self):
        """Paths of the other pictures below the folder; see `Source`."""
        return super().other_names() if self._other_names is None else self._other_names()


def listed(options):
    """`Listing` of the folder that `FolderOptions` name; raises a `DataError` as `list_pictures`."""
    return list_pictures(options.path, options.unlabelled, options.loose)


def name_of(listing):
    """Name of the dataset of a `Listing`, such as "folder:pets"."""
    return f"folder:{listing.root.resolve().name}"


def open_folder(listing, options, shuffle_buffer_size):
    """`ImageDataset` of the pictures of a folder, its labels as stored.

    Args:
        listing: `Listing` of the folder.
        options: `FolderOptions`.
        shuffle_buffer_size: see `StreamSource`.

    Raises:
        DataError: if the folder holds too few pictures that can be read.
        ConfigError, DamagedFileError, OSError: as `folder_cache.opened`.
    """
    cache = folder_cache.opened(listing, options, options.cache_dir or default_cache_dir())
    facts = cache.manifest
    folder_cache.require_readable(facts["unreadable"], len(listing.names), options.max_bad_fraction)
    _warn_of_a_class_that_looks_unlabelled(listing)
    source = FolderSource(cache, shuffle_buffer_size, functools.partial(_other_names, cache, listing, options))
    unlabelled = facts.get("unlabelled", {})  # not in caches of older versions, which have none
    partly = tuple(split for split, count in unlabelled.items() if count)
    return ImageDataset(
        name_of(listing),
        (options.resolution, options.resolution, facts["channels"]),
        listing.num_classes,
        source,
        listing.class_names,
        labels=cache.labels if "train" in partly else None,
        unlabelled=partly,
        fingerprint=f"{listing.digest(with_times=False)}, crop {options.crop}, {options.test_fraction} held out"
        + "".join(f", {name} {value}" for name, value in options.unlike_before.items()),
        # Names that are not UTF-8 are shown with escapes, since a terminal may not take them.
        notes=tuple(note.encode("utf-8", "backslashreplace").decode() for note in _notes(listing, cache)),
    )


def _other_names(cache, listing, options):
    """{name: number in the test split, or None} of the pictures that are not trained on."""
    found = dict.fromkeys(listing.names)
    found |= {name: number for number, name in enumerate(folder_cache.test_names(cache, listing, options))}
    for name in cache.names:
        del found[name]
    return found


def _warn_of_a_class_that_looks_unlabelled(listing):
    for label, name in enumerate(listing.class_names or ()):
        if looks_unlabelled(name):
            log.warning(
                f"folder.path: the sub-folder {name} of {listing.root} is taken as a class, of "
                f"{listing.labels.count(label)} pictures; if they have no label bind folder.unlabelled = {name!r}"
            )


def _scaled(image, seed):
    del seed
    return tf.cast(image, tf.float32) / 255.0


def _notes(listing, cache):
    facts = cache.manifest
    (low_height, low_width), (high_height, high_width) = facts["smallest"], facts["largest"]
    yield (
        f"{listing.root}: {sum(facts['counts'].values())} pictures from {low_height}x{low_width} to "
        f"{high_height}x{high_width} pixels (height x width), cached in {cache.path}"
    )
    yield unreadable_line(facts["unreadable"])
    yield from left_out_lines(listing.left_out, listing.root)
    for what, done in (("enlarged", "enlarged"), ("left_out", "left out")):
        if facts[what]:
            limit = f"smaller than folder.resolution ({facts['resolution']})"
            yield f"{limit}, {done}: {facts[what]} pictures (folder.smaller)"
    if facts["not_square"]:
        yield f"not square: {facts['not_square']} pictures, {_SQUARED[facts['crop']]} (folder.crop)"
    if facts["with_alpha"]:
        yield (
            f"with an alpha channel or a transparent colour: {facts['with_alpha']} pictures, put on "
            f"{facts['background']} (folder.background)"
        )
    if facts["converted"]:
        kind, made = ("in colour", "made grey") if facts["channels"] == 1 else ("grey", "taken as colours")
        yield f"{kind}: {facts['converted']} pictures, {made} (folder.channels)"
    if facts["histogram"]:
        yield per_class("pictures", listing.class_names, facts["histogram"])
    if of_splits := facts.get("unlabelled"):
        if any(of_splits.values()):
            yield (
                f"pictures without a label: {of_splits['train']} to train on, {of_splits['test']} held out for scores "
                "(folder.unlabelled, folder.loose)"
            )
