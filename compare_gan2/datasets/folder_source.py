"""Your own pictures: `dataset.name = "folder"`."""

import dataclasses

import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.cache_folder import default_cache_dir
from compare_gan2.configuration import REQUIRED, ConfigError, configurable
from compare_gan2.datasets import folder_cache
from compare_gan2.datasets.crops import CropMethod, cropped
from compare_gan2.datasets.folder_listing import SHOWN, list_pictures
from compare_gan2.datasets.histogram import per_class
from compare_gan2.datasets.spec import ImageDataset
from compare_gan2.datasets.stream_source import StreamSource


@configurable("folder", module="compare_gan2.datasets.folder_source")
@dataclasses.dataclass(frozen=True)
class FolderOptions:
    """Which pictures, and how they are taken.

    Attributes:
        path: of a folder with one sub-folder per class, or with unlabelled pictures and no sub-folders.
        resolution: side in pixels that pictures are brought to.
        crop: before that, see `transforms.crop`; test images get the middle where it is drawn by chance.
        test_fraction: share of the pictures of each class that is held out for scores, always the same ones.
        max_bad_fraction: share of the pictures that may be unreadable and are left out.
        cache_dir: folder of the decoded pictures; None for `cache_folder.default_cache_dir()`.
    """

    path: str = REQUIRED
    resolution: int = REQUIRED
    crop: CropMethod = "middle"
    test_fraction: float = 0.1
    max_bad_fraction: float = 0.1
    cache_dir: str | None = None

    def __post_init__(self):
        if self.resolution < 1:
            raise ConfigError(f"folder.resolution: expected at least 1, got {self.resolution}")
        if not 0.0 < self.test_fraction < 1.0:
            raise ConfigError(f"folder.test_fraction: expected a number between 0 and 1, got {self.test_fraction}")
        if not 0.0 <= self.max_bad_fraction < 1.0:
            raise ConfigError(f"folder.max_bad_fraction: expected 0 or more, below 1, got {self.max_bad_fraction}")


class FolderSource(StreamSource):
    """Training and test images of a `folder_cache.Cache`, see `spec.Source`.

    Args:
        cache: `Cache`.
        shuffle_buffer_size: see `StreamSource`.
    """

    holds_labels = True

    def __init__(self, cache, shuffle_buffer_size):
        facts = cache.manifest
        self._cache = cache
        side, crop, channels = facts["resolution"], facts["crop"], facts["channels"]
        train_transform, test_transform = cropped(crop, side, side)
        if crop in ("middle", "none"):  # done before the pictures were kept
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

    def training_labels(self):
        return self._cache.labels

    def training_names(self):
        """Paths of the pictures below the folder, in the order of the records."""
        return self._cache.names


def open_folder(shuffle_buffer_size):
    """`ImageDataset` of `folder.path`, its labels as stored.

    Raises:
        ConfigError: for a folder that is laid out otherwise, or holds too few pictures that can be read.
    """
    options = configuration.build(FolderOptions)
    listing = list_pictures(options.path)
    cache = folder_cache.opened(listing, options, options.cache_dir or default_cache_dir())
    facts = cache.manifest
    folder_cache.require_readable(facts["unreadable"], len(listing.names), options.max_bad_fraction)
    source = FolderSource(cache, shuffle_buffer_size)
    return ImageDataset(
        f"folder:{listing.root.resolve().name}",
        (options.resolution, options.resolution, facts["channels"]),
        len(listing.class_names) if listing.class_names else None,
        source,
        listing.class_names,
        fingerprint=f"{listing.digest(with_times=False)}, crop {options.crop}, {options.test_fraction} held out",
        # Names that are no UTF-8 are told with escapes, since a terminal may not take them.
        notes=tuple(note.encode("utf-8", "backslashreplace").decode() for note in _notes(listing, cache)),
    )


def _scaled(image, seed):
    del seed
    return tf.cast(image, tf.float32) / 255.0


def _notes(listing, cache):
    facts = cache.manifest
    (low_height, low_width), (high_height, high_width) = facts["smallest"], facts["largest"]
    yield (
        f"{listing.root}: {sum(facts['counts'].values())} pictures from {low_width}x{low_height} to "
        f"{high_width}x{high_height} pixels (width x height), cached in {cache.path}"
    )
    bad = facts["unreadable"]
    shown = "; ".join(f"{name}: {reason}" for name, reason in list(bad.items())[:SHOWN])
    yield f"unreadable pictures, left out: {len(bad)}" + (f" (such as {shown})" if bad else "")
    if listing.others:
        yield f"files without the suffix of a picture, passed over: {len(listing.others)} (such as {listing.others[0]})"
    if facts["enlarged"]:
        side = facts["resolution"]
        yield f"smaller than folder.resolution ({side}), enlarged: {facts['enlarged']} pictures"
    if facts["histogram"]:
        yield per_class("pictures", listing.class_names, facts["histogram"])
