"""What a dataset is to the rest of the package."""

import dataclasses
import typing

import numpy as np

from compare_gan2.configuration import ConfigError

READ_AT_ONCE = 1024  # images


class Source(typing.Protocol):
    """Where images come from; `in_memory` and `tfds_source` hold one each.

    `labels` [num_train, ...], in the order of `index`, replace the stored ones where given; `kept` is a boolean mask
    [num_train] of the images to train on, None for all; `wanted`, function (position) -> bool tensor, leaves out
    positions.
    """

    num_train: int
    num_test: int

    def training_labels(self): ...

    def training_names(self): ...

    def training_examples(self, seed, start, labels=None, kept=None, wanted=None): ...

    def batches(self, split, n, batch_size): ...


@dataclasses.dataclass(frozen=True, eq=False)
class ImageDataset:
    """Images with what is known about them; networks and metrics read shape and classes here.

    Attributes:
        name: name in the catalogue.
        image_shape: (height, width, channels).
        num_classes: number of classes, None if the images have no labels.
        source: see `Source`.
        class_names: one name per class, or None.
        labels: training labels in the order of `index`, int32 [num_train] with -1 where hidden, or class probabilities
            float32 [num_train, num_classes]; None: all as stored.
        kept: boolean mask [num_train] of the images to train on; None: all.
    """

    name: str
    image_shape: tuple
    num_classes: int | None
    source: Source
    class_names: tuple | None = None
    labels: np.ndarray | None = None
    kept: np.ndarray | None = None

    @property
    def num_train(self):
        """Images in one epoch of training."""
        return self.source.num_train if self.kept is None else int(np.sum(self.kept))

    @property
    def has_soft_labels(self):
        """Whether labels are class probabilities."""
        return self.labels is not None and self.labels.ndim == 2

    @property
    def num_labelled(self):
        """Training images whose label training may see."""
        if self.num_classes is None:
            return 0
        if self.labels is None or self.has_soft_labels:
            return self.num_train
        return int(np.sum(self.labels[self.kept] >= 0) if self.kept is not None else np.sum(self.labels >= 0))

    @property
    def num_test(self):
        return self.source.num_test

    def num_images(self, split):
        """Images of the split "train" or "test", those without a label included."""
        return {"train": self.source.num_train, "test": self.source.num_test}[split]

    @property
    def description(self):
        """One line for people: how much is trained on, and how many labels are really used."""
        height, width, channels = self.image_shape
        classes = "no classes" if self.num_classes is None else f"{self.num_classes} classes"
        return (
            f"{self.name}: {self.num_train} training images of {height}x{width}x{channels}, "
            f"{self.num_labelled} of them with their label ({classes}); {self.num_test} test images"
        )

    def training_examples(self, seed, start=0, wanted=None):
        """Infinite tf.data.Dataset of training examples in a seeded order, another one in each epoch.

        Args:
            seed: whole number.
            start: position to start from; the stream equals elements start, start + 1, ... of the stream from 0.
            wanted: function (position, an int64 tensor) -> bool tensor of the positions to read; None for all.

        Returns:
            Elements `image` float32 [H,W,C] in [0,1], `label` int32 (-1: unlabelled) or float32 [num_classes], `index`
            int64 (the example's fixed number in the training split).
        """
        return self.source.training_examples(seed, start, self.labels, self.kept, wanted)

    def batches(self, split, n, batch_size):
        """The first n images of a split in the dataset's own order, prepared without chance as for scores.

        Args:
            split: "train" or "test".
            n: number of images.
            batch_size: images at a time; the last batch may be smaller.

        Returns:
            Iterator over (images float32 [b,H,W,C] in [0,1], labels int32 [b], none hidden).

        Raises:
            ConfigError: if there are fewer images.
        """
        available = self.num_images(split)
        if n > available:
            raise ConfigError(
                f"dataset {self.name}: {n} {split} images are asked for, the {split} split has {available}"
            )
        batches = self.source.batches(split, n, batch_size)
        if self.num_classes == 1:  # the source may know more
            return ((images, np.zeros_like(labels)) for images, labels in batches)
        return batches

    def test_images(self, n):
        """The first n test images, float32 [n,H,W,C] in [0,1], and their labels, int32 [n].

        Raises:
            ConfigError: if there are fewer.
        """
        images, labels = zip(*self.batches("test", n, READ_AT_ONCE), strict=True)
        return np.concatenate(images), np.concatenate(labels)
