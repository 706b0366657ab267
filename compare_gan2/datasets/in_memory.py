"""Images held in memory, in a seeded order that can be entered anywhere."""

import numpy as np
import tensorflow as tf

READ_AT_ONCE = 64  # Ten times less work per image than reading one by one.
ROUNDS = 8  # With 4, two epochs of 1,000 images have up to 200 images at the same place.


class InMemorySource:
    """Training and test images held as arrays, see `spec.Source`.

    Args:
        train: images [N,H,W,C], uint8 in 0..255 or float32 in [0,1], and labels [N].
        test: the same for the test split.
    """

    def __init__(self, train, test):
        self._train = train
        self._test = test
        self.num_train = len(train[0])
        self.num_test = len(test[0])

    def training_labels(self):
        return np.asarray(self._train[1], np.int32)

    def training_names(self):
        """Names str [num_train], as files of replacement labels have them: the numbers of the images."""
        return [str(number) for number in range(self.num_train)]

    def training_examples(self, seed, start, labels=None, kept=None, wanted=None):
        """See `spec.ImageDataset`; position k of epoch e is image number permutation(seed, e)[k]."""
        labels = self.training_labels() if labels is None else labels
        indices = np.arange(self.num_train) if kept is None else np.flatnonzero(kept)
        with tf.device("CPU:0"):
            images = tf.constant(self._train[0])
            labels = tf.constant(labels)
            indices = tf.constant(indices, tf.int64)
        count = int(indices.shape[0])

        def read(positions):
            epochs = positions // count
            order = tf.raw_ops.RandomIndexShuffle(
                index=positions % count,
                seed=tf.stack([tf.fill([READ_AT_ONCE], tf.constant(seed, tf.int64)), epochs, tf.zeros_like(epochs)], 1),
                max_index=tf.fill([READ_AT_ONCE], tf.constant(count - 1, tf.int64)),
                rounds=ROUNDS,
            )
            index = tf.gather(indices, order)
            return {"image": _to_float(tf.gather(images, index)), "label": tf.gather(labels, index), "index": index}

        positions = tf.data.Dataset.range(start, tf.int64.max)
        if wanted is not None:
            positions = positions.filter(wanted)
        return positions.batch(READ_AT_ONCE, drop_remainder=True).map(read).unbatch()

    def batches(self, split, n, batch_size):
        """See `spec.ImageDataset.batches`."""
        images, labels = {"train": self._train, "test": self._test}[split]
        for start in range(0, n, batch_size):
            part = slice(start, min(start + batch_size, n))
            yield _to_float(tf.constant(images[part])).numpy(), np.asarray(labels[part], np.int32)


def _to_float(images):
    return tf.cast(images, tf.float32) / 255.0 if images.dtype == tf.uint8 else tf.cast(images, tf.float32)
