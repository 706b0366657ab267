"""Labels that a source does not store, beside those that it does."""

import numpy as np

from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.ground.checksums import checksum_of_arrays
from compare_gan2.ground.store import key_of


class CompletedSource:
    """`Source` that takes given labels for images of which another source stores none.

    Args:
        source: `Source`.
        train, test: labels int32 [num_train] and [num_test] of the images, -1 for those without one.
        keeps_stored: whether stored labels count where there are some; otherwise the data has no classes.
    """

    holds_labels = True

    def __init__(self, source, train, test, keeps_stored):
        self._source, self._keeps_stored = source, keeps_stored
        self._given = {"train": train, "test": test}
        self._train = self._completed("train", slice(None), source.training_labels()) if keeps_stored else train

    def __getattr__(self, name):
        if name.startswith("_"):  # before the constructor has set them
            raise AttributeError(name)
        return getattr(self._source, name)  # sizes, names, files

    def training_labels(self):
        """See `Source`."""
        return self._train

    def training_examples(self, seed, start, labels=None, train_mask=None, wanted=None):
        """See `Source`."""
        return self._source.training_examples(
            seed, start, self._train if labels is None else labels, train_mask, wanted
        )

    def content(self, split):
        """See `Source`; the given labels count."""
        stored = self._source.content(split)
        return stored | {"labels": key_of([stored.get("labels"), checksum_of_arrays([self._given[split]])])}

    def batches(self, split, n, batch_size, chosen=None):
        """See `Source`."""
        numbers, first = np.arange(n) if chosen is None else np.asarray(chosen), 0
        for images, labels in self._source.batches(split, n, batch_size, chosen):
            part = numbers[first : first + len(labels)]
            first += len(labels)
            yield images, self._completed(split, part, labels)

    def _completed(self, split, part, stored):
        given = self._given[split][part]
        return np.where(stored == UNLABELLED, given, stored).astype(np.int32) if self._keeps_stored else given
