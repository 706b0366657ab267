"""Where images to score or to compare with come from, in one form."""

import collections.abc
import dataclasses
import functools

from compare_gan2.metrics.checksums import checksum_of_arrays
from compare_gan2.metrics.feature_networks import BATCH_SIZE


@dataclasses.dataclass(frozen=True, eq=False)
class ImageSource:
    """Images of one size in a fixed order, which can be read again.

    Attributes:
        name: of the dataset or folder.
        split: of the dataset, "none" where there are no splits.
        count: number of images.
        image_shape: (height, width, channels).
        num_classes: of their labels, None without labels.
        batches: function () -> iterator over (images float32 [n, H, W, C] in [0, 1], labels int32 [n] or None).
        fingerprint: function () -> text that differs where the images do.
        resize: how they were brought to this size, "none" if they were not.
    """

    name: str
    split: str
    count: int
    image_shape: tuple[int, int, int]
    num_classes: int | None
    batches: collections.abc.Callable
    fingerprint: collections.abc.Callable
    resize: str = "none"


def of_dataset(dataset, split="test", count=None):
    """`ImageSource` of the first images of a dataset's split, prepared without chance.

    Args:
        dataset: `ImageDataset`.
        split: "train" or "test".
        count: number of images; None for all of the split.

    Raises:
        ConfigError: if the split has fewer.
    """
    count = dataset.num_images(split) if count is None else count
    dataset.batches(split, count, BATCH_SIZE)  # refuses a count that is too large
    return ImageSource(
        name=dataset.name,
        split=split,
        count=count,
        image_shape=tuple(dataset.image_shape),
        num_classes=dataset.num_classes,
        batches=functools.partial(dataset.batches, split, count, BATCH_SIZE),
        fingerprint=lambda: _of_first_images(dataset, split, count),
    )


def _of_first_images(dataset, split, count):
    """Checksum of one batch: enough to tell fake from real data, another crop or another version of a dataset."""
    images, labels = next(iter(dataset.batches(split, min(count, BATCH_SIZE), BATCH_SIZE)))
    return checksum_of_arrays([images, labels])
