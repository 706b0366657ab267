"""A dataset as the rest of the package sees it: images, their labels, and what is known about them."""

import dataclasses
import functools
import typing

import numpy as np

from compare_gan2.ground.errors import ConfigError

READ_AT_ONCE = 1024  # images


class Source(typing.Protocol):
    """Where images come from: two splits of stored images, training images read in a seeded order.

    An `ImageDataset` calls it; `InMemorySource` and `StreamSource` implement it. A source keeps no position, so that
    any part of its stream can be read at any time and again.

    Attributes:
        num_train, num_test: stored images of each split, those without a label included.
        holds_labels: whether `training_labels` reads no file.
        shuffle_buffer_size: images among which the next one of an epoch is drawn; None: all.
    """

    num_train: int
    num_test: int
    holds_labels: bool
    shuffle_buffer_size: int | None

    def training_labels(self):
        """Stored labels int32 [num_train] in the order of `index`, -1 for an unlabelled image, 0 without classes."""

    def training_names(self):
        """Names [num_train] of the training images in the order of `index`, as files of replacement labels have them.

        Images without a name of their own are named by their numbers.
        """

    def other_names(self):
        """{name: number in the test split} of the images that are not trained on and have names of their own.

        The number is None for those of neither split, such as files that cannot be read.
        """

    def training_examples(self, seed, start, labels=None, train_mask=None, wanted=None):
        """Infinite tf.data.Dataset of training examples from position `start` on.

        The same seed and position give the same example; every epoch is a permutation of its own.

        Args:
            seed: whole number.
            start: position of the first example, counted over all epochs.
            labels: labels [num_train] or class probabilities [num_train, num_classes] in place of the stored ones;
                None: as stored.
            train_mask: boolean mask [num_train] of the images in an epoch; None: all.
            wanted: function (position int64 scalar) -> bool scalar; the other positions are left out before they are
                decoded. None: none are.

        Returns:
            Elements `image` float32 [H,W,C] in [0, 1]; `label` int32, or float32 [num_classes]; `index` int64, the
            image's fixed number in the training split.
        """

    def content(self, split):
        """{"images": text, "labels": text} that differ where the stored images or labels of a split do.

        Covers all of them, not a sample; computed once. "labels" is missing where "images" cannot be the same
        without it.

        Args:
            split: "train" or "test".
        """

    def batches(self, split, n, batch_size, chosen=None):
        """Iterator over n images of a split in their fixed order, prepared without random draws.

        Args:
            split: "train" or "test".
            n: number of images, at most those of the split.
            batch_size: images at a time; the last batch may be smaller.
            chosen: their numbers [n], ascending; None: the first ones.

        Returns:
            Iterator over (images float32 [b,H,W,C] in [0, 1], stored labels int32 [b]).
        """


@dataclasses.dataclass(frozen=True, eq=False)
class ImageDataset:
    """Images with what is known about them; networks and metrics read shape and classes here.

    Attributes:
        name: name in the catalogue, "tfds:NAME", or "folder:", "arrays:" or "idx:" and the name of the folder or file.
        image_shape: (height, width, channels).
        num_classes: number of classes; None if the images have no labels.
        source: `Source` of the images.
        class_names: one name per class, or None.
        labels: training labels in the order of `index`, int32 [source.num_train] with -1 where hidden, or class
            probabilities float32 [source.num_train, num_classes]; None: all as stored.
        train_mask: boolean mask [source.num_train] of the images to train on; None: all.
        labels_are_classes: whether training labels are the dataset's own classes; random ones and clusters are not.
        unlabelled: which of the splits "train" and "test" hold images without a stored label, beside classes.
        fingerprint: text that differs where the images do; None if the name says which images they are.
        notes: lines about the data that are shown when a run starts.
        options: {`selector.parameter`: gin text} of the options that decide how training images are made, paths
            excluded; empty if there are none.
    """

    name: str
    image_shape: tuple
    num_classes: int | None
    source: Source
    class_names: tuple | None = None
    labels: np.ndarray | None = None
    train_mask: np.ndarray | None = None
    labels_are_classes: bool = True
    unlabelled: tuple = ()
    fingerprint: str | None = None
    notes: tuple = ()
    options: dict = dataclasses.field(default_factory=dict)

    @property
    def num_train(self):
        """Images in one epoch of training."""
        return self.source.num_train if self.train_mask is None else int(np.sum(self.train_mask))

    @property
    def num_test(self):
        """Images of the test split."""
        return self.source.num_test

    @property
    def has_soft_labels(self):
        """Whether labels are class probabilities."""
        return self.labels is not None and self.labels.ndim == 2

    @property
    def labelled_mask(self):
        """Boolean mask [source.num_train] of the images whose label training may see."""
        known = np.full([self.source.num_train], self.num_classes is not None)
        if self.num_classes is not None and self.labels is not None and not self.has_soft_labels:
            known = self.labels >= 0
        return known if self.train_mask is None else known & self.train_mask

    @property
    def num_labelled(self):
        """Training images whose label training may see."""
        return int(np.sum(self.labelled_mask))

    @functools.cached_property
    def label_distribution(self):
        """Share of each class among the labels that training sees, float64 [num_classes]; None without classes.

        Reads all stored labels if no others replace them; see `Source.holds_labels`.
        """
        if self.num_classes is None:
            return None
        labels = self.source.training_labels() if self.labels is None else self.labels
        labels = labels if self.train_mask is None else labels[self.train_mask]
        if labels.ndim == 2:
            return labels.astype(np.float64).mean(axis=0)
        counts = np.bincount(labels[labels >= 0], minlength=self.num_classes)
        return counts / max(counts.sum(), 1)

    @property
    def known_label_distribution(self):
        """`label_distribution` if it costs no pass through the files, else None."""
        return self.label_distribution if self.labels is not None or self.source.holds_labels else None

    @property
    def content(self):
        """{"train images": text, "train labels": text, ...} of what is stored; see `Source.content`."""
        return {
            f"{split} {what}": digest
            for split in ("train", "test")
            for what, digest in self.source.content(split).items()
        }

    def num_images(self, split):
        """Stored images of the split "train" or "test", those without a label included."""
        return {"train": self.source.num_train, "test": self.source.num_test}[split]

    @property
    def description(self):
        """One line for messages: how many images are trained on, and how many of their labels are used."""
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
            start: first position; the stream equals elements start, start + 1, ... of the stream from 0.
            wanted: function (position int64 scalar) -> bool scalar; the other positions are left out. None: none are.

        Returns:
            Elements `image` float32 [H,W,C] in [0, 1]; `label` int32 (-1: unlabelled) or float32 [num_classes];
            `index` int64, the image's fixed number in the training split.
        """
        return self.source.training_examples(seed, start, self.labels, self.train_mask, wanted)

    def batches(self, split, n, batch_size, chosen=None):
        """Iterator over n images of a split in the dataset's own order, prepared as for scores.

        Nothing is drawn at random: images of both splits are cropped as test images are, and no label is hidden.

        Args:
            split: "train" or "test".
            n: number of images.
            batch_size: images at a time; the last batch may be smaller.
            chosen: their numbers [n] in the split, ascending; None: the first ones.

        Returns:
            Iterator over (images float32 [b,H,W,C] in [0, 1], labels int32 [b]).

        Raises:
            ConfigError: if the split has fewer images.
        """
        available = self.num_images(split)
        if n > available:
            raise ConfigError(
                f"dataset {self.name}: {n} {split} images are asked for, the {split} split has {available}"
            )
        batches = self.source.batches(split, n, batch_size, chosen)
        if self.num_classes == 1:  # the source may know more
            return ((images, np.zeros_like(labels)) for images, labels in batches)
        return batches

    def test_images(self, n):
        """The first n test images, float32 [n,H,W,C] in [0, 1], and their labels, int32 [n].

        Raises:
            ConfigError: if the split has fewer.
        """
        images, labels = zip(*self.batches("test", n, READ_AT_ONCE), strict=True)
        return np.concatenate(images), np.concatenate(labels)
