"""Images to score or to compare with, from any origin in one form."""

import collections.abc
import dataclasses
import functools

import numpy as np
import tensorflow as tf

from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.evaluation.protocol import purpose_of
from compare_gan2.ground.checksums import checksum_of_arrays
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.store import key_of
from compare_gan2.metrics.networks.choices import NO_RESIZE
from compare_gan2.metrics.networks.feature_networks import BATCH_SIZE
from compare_gan2.metrics.networks.resizers import resize

DRAWN = "drawn by a seeded permutation, in the order of the dataset"


@dataclasses.dataclass(frozen=True, eq=False)
class ImageSource:
    """Images of one size in a fixed order, which can be read again.

    Attributes:
        name: of the dataset or folder.
        split: of the dataset, "none" if it has no splits.
        count: number of images.
        image_shape: (height, width, channels).
        num_classes: of their labels, None without labels.
        batches: function () -> iterator over (images float32 [n, H, W, C] in [0, 1], labels int32 [n] or None).
        fingerprint: function () -> text that differs if any of the images or labels does.
        resize: how they were brought to this size, "none" if they were not.
        class_names: one name per class, or None.
        order: which of the images they are, for the manifest of cached features.
        is_part: whether there are more, which are not scored.
        drawn_by: seed of the permutation that a part was chosen by, see `drawn_images`; None for the first ones.
        pixels: how they were taken from picture files, see `Score`.
    """

    name: str
    split: str
    count: int
    image_shape: tuple[int, int, int]
    num_classes: int | None
    batches: collections.abc.Callable
    fingerprint: collections.abc.Callable
    resize: str = NO_RESIZE
    class_names: tuple | None = None
    order: str = "the first ones, in the order of the dataset"
    is_part: bool = False
    drawn_by: int | None = None
    pixels: str = "none"

    has_images = True  # `real_images.CachedFeatures` has none

    @property
    def has_labels(self):
        """Whether each image has a label."""
        return bool(self.num_classes)

    @property
    def images(self):
        """Which images they are: "all", or a part that is "drawn" or "in order"."""
        return "all" if not self.is_part else "in order" if self.drawn_by is None else "drawn"

    @property
    def part(self):
        """Split of the dataset for the protocol, with ", drawn" if it is a part that a seed has drawn."""
        return self.split if self.drawn_by is None else f"{self.split}, drawn"


def of_dataset(dataset, split="test", count=None, seed=None):
    """`ImageSource` of images of a dataset's split, without random crops or flips.

    Args:
        dataset: `ImageDataset`.
        split: "train" or "test".
        count: number of images; None for all of the split.
        seed: which of them, see `drawn_images.chosen_images`.

    Raises:
        ConfigError: if the split has fewer.
    """
    if count is not None:
        dataset.batches(split, count, BATCH_SIZE)  # refuses a count that is too large
    chosen = chosen_images(count, dataset.num_images(split), f"dataset {dataset.name}", seed)
    drawn = chosen is not None and seed is not None
    count = dataset.num_images(split) if count is None else count
    return ImageSource(
        name=dataset.name,
        split=split,
        count=count,
        image_shape=tuple(dataset.image_shape),
        num_classes=_classes_of(dataset, split),
        batches=functools.partial(dataset.batches, split, count, BATCH_SIZE, chosen if drawn else None),
        fingerprint=lambda: _of_content(dataset, split, count),
        class_names=dataset.class_names,
        is_part=chosen is not None,
        **({"drawn_by": seed, "order": DRAWN} if drawn else {}),
    )


def _classes_of(dataset, split):
    """Number of classes if every image of a split has one; clusters and random labels say nothing about real images."""
    if dataset.num_classes == 1:
        return 1
    return dataset.num_classes if dataset.labels_are_classes and split not in dataset.unlabelled else None


def of_sampler(sampler, count, repetition=0):
    """`ImageSource` of the images that a checkpoint generates for one repetition of its scores.

    Args:
        sampler: `Sampler` with a checkpoint.
        count: number of images.
        repetition: number of the repetition; each has images of its own.
    """
    name = sampler.checkpoint.name
    return ImageSource(
        name=name,
        split="none",
        count=count,
        image_shape=tuple(sampler.gan.image_shape),
        num_classes=sampler.gan.num_classes,
        class_names=_names_of(sampler),
        batches=lambda: sampler.batches(count, purpose_of(repetition)),
        fingerprint=lambda: name,
    )


def resized(source, size, resizer):
    """The source with its images resized to size x size pixels by a key of `RESIZERS`."""
    return dataclasses.replace(
        source,
        image_shape=(size, size, source.image_shape[2]),
        batches=lambda: _resized_batches(source, size, resizer),
        resize=f"{resizer} to {size}",
    )


def with_numbers(source, numbers, names):
    """The source with its labels renumbered.

    Args:
        source: `ImageSource` with labels.
        numbers: new number of each class.
        names: names of the classes by their new numbers.
    """
    numbers = np.array(numbers, np.int32)
    return dataclasses.replace(
        source,
        num_classes=len(names),
        class_names=tuple(names),
        batches=lambda: ((images, numbers[labels]) for images, labels in source.batches()),
    )


def of_classes(source, chosen, names):
    """The source with only the images of some classes, which are numbered 0, 1, ...; reads all to count them.

    Args:
        source: `ImageSource` with labels.
        chosen: numbers of the classes, in their new order.
        names: their names.

    Raises:
        ConfigError: if no image is of these classes.
    """
    numbers = np.full([source.num_classes], -1, np.int32)
    numbers[list(chosen)] = np.arange(len(chosen))

    def batches():
        for images, labels in source.batches():
            if (kept := numbers[labels] >= 0).any():
                yield images[kept], numbers[labels[kept]]

    count = sum(len(labels) for _, labels in batches())
    if not count:
        raise ConfigError(f"--classes=common: no image of {source.name} is of the classes {', '.join(names)}")
    return dataclasses.replace(
        source,
        count=count,
        num_classes=len(names),
        class_names=tuple(names),
        batches=batches,
        order=f"{source.order}; of the classes {', '.join(names)}",
    )


def _names_of(sampler):
    """Names of the classes of a loaded run, as its record has them; None if unknown, or if its labels are others."""
    record = getattr(sampler, "dataset", None)
    return record.class_names if record is not None and sampler.labels_are_classes else None


def _resized_batches(source, size, resizer):
    for images, labels in source.batches():
        values = resize(tf.constant(images) * 255.0, size, size, resizer).numpy() / np.float32(255)
        yield np.clip(values, 0, 1), labels


def _of_content(dataset, split, count):
    """Text that differs where any stored image or label of a split does, or how images and labels are made of it.

    The first batch is part of it since it shows what no option names, such as another version of a decoder.
    """
    images, labels = next(iter(dataset.batches(split, min(count, BATCH_SIZE), BATCH_SIZE)))
    made = {"content": dataset.source.content(split), "options": dataset.options, "fingerprint": dataset.fingerprint}
    return key_of([made, checksum_of_arrays([images, labels])])
