"""Images held in memory, read in a seeded order from any position."""

import functools

import numpy as np
import tensorflow as tf

from compare_gan2.ground.checksums import checksum_of_arrays

READ_AT_ONCE = 64  # a tenth of the work per image of reading one by one
ROUNDS = 8  # with 4, two epochs of 1,000 images have up to 200 images at the same place


class InMemorySource:
    """`Source` of training and test images that are held as arrays.

    Args:
        train: (images [N,H,W,C], uint8 in 0..255 or float32 in [0, 1]; labels [N], whole numbers).
        test: the same for the test split.
    """

    holds_labels = True
    shuffle_buffer_size = None

    def __init__(self, train, test):
        self._train = train
        self._test = test
        self.num_train = len(train[0])
        self.num_test = len(test[0])

    def training_labels(self):
        """See `Source`."""
        return np.asarray(self._train[1], np.int32)

    def training_names(self):
        """The numbers of the images, as text; see `Source`."""
        return [str(number) for number in range(self.num_train)]

    def other_names(self):
        """Only training images are named; see `Source`."""
        return {}

    def content(self, split):
        """Checksums of all pixels and of all labels; see `Source`."""
        return self._contents[split]

    @functools.cached_property
    def _contents(self):
        return {
            split: {
                "images": checksum_of_arrays([images]),
                "labels": checksum_of_arrays([np.asarray(labels, np.int32)]),
            }
            for split, (images, labels) in (("train", self._train), ("test", self._test))
        }

    def training_examples(self, seed, start, labels=None, train_mask=None, wanted=None):
        """See `Source`; position k of epoch e is image number permutation(seed, e)[k]."""
        labels = self.training_labels() if labels is None else labels
        indices = np.arange(self.num_train) if train_mask is None else np.flatnonzero(train_mask)
        with tf.device("CPU:0"):
            images = tf.constant(self._train[0])
            labels = tf.constant(labels)
            indices = tf.constant(indices, tf.int64)
        count = int(indices.shape[0])

        def read(positions):
            epochs = positions // count
            seeds = tf.fill(tf.shape(epochs), tf.constant(seed, tf.int64))
            order = tf.raw_ops.RandomIndexShuffle(
                index=positions % count,
                seed=tf.stack([seeds, epochs, tf.zeros_like(epochs)], 1),
                max_index=tf.fill(tf.shape(epochs), tf.constant(count - 1, tf.int64)),
                rounds=ROUNDS,
            )
            index = tf.gather(indices, order)
            return {"image": _to_float(tf.gather(images, index)), "label": tf.gather(labels, index), "index": index}

        positions = tf.data.Dataset.range(start, tf.int64.max)
        if wanted is not None:
            positions = positions.filter(wanted)
        return positions.batch(READ_AT_ONCE, drop_remainder=True).map(read).unbatch()

    def batches(self, split, n, batch_size, chosen=None):
        """See `Source`."""
        images, labels = {"train": self._train, "test": self._test}[split]
        for start in range(0, n, batch_size):
            part = slice(start, min(start + batch_size, n))
            part = part if chosen is None else chosen[part]
            yield _to_float(tf.constant(images[part])).numpy(), np.asarray(labels[part], np.int32)


def _to_float(images):
    return tf.cast(images, tf.float32) / 255.0 if images.dtype == tf.uint8 else tf.cast(images, tf.float32)
