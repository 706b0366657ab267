"""Labelled images of a dataset with generated ones beside them, for a classifier."""

import dataclasses

import numpy as np

from compare_gan2.datasets.image_dataset import READ_AT_ONCE
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.pretraining.given_labels import given_labels


class GeneratedSource(InMemorySource):
    """`Source` of training images in memory, with the test split of another source.

    Args:
        train: (images float32 [N, H, W, C] in [0, 1], labels [N]).
        source: `Source`.
    """

    def __init__(self, train, source):
        super().__init__(train, (train[0][:0], train[1][:0]))
        self._of_test = source
        self.num_test = source.num_test

    def content(self, split):
        """See `Source`."""
        return self._of_test.content(split) if split == "test" else super().content(split)

    def batches(self, split, n, batch_size, chosen=None):
        """See `Source`."""
        source = self._of_test if split == "test" else super()
        return source.batches(split, n, batch_size, chosen)


def with_generated(dataset, images, labels):
    """`ImageDataset` whose training images are the labelled ones of a dataset and generated ones; its test split stays.

    Args:
        dataset: `ImageDataset` with the labels that training may see.
        images: float32 [n, H, W, C] in [0, 1].
        labels: int [n], the classes that they were generated for.
    """
    chosen = np.flatnonzero(dataset.labelled_mask)
    real = [part for part, _ in dataset.batches("train", len(chosen), READ_AT_ONCE, chosen)]
    train = np.concatenate([*real, images]), np.concatenate([given_labels(dataset)[chosen], labels]).astype(np.int32)
    source = GeneratedSource(train, dataset.source)
    return dataclasses.replace(dataset, source=source, labels=None, train_mask=None)
