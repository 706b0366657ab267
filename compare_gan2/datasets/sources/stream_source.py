"""Images read as a stream of stored examples, in a seeded order from any position."""

import functools

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.sources.record_files import damage_named
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.seeds import ALGORITHM, fold


class StreamSource:
    """`Source` of training and test images that are read one after the other.

    Args:
        train: tf.data.Dataset of (index int64, example) in a fixed order; examples are dicts with `image`.
        test: the same for the test split.
        sizes: (train, test), number of images.
        image_shape: (height, width, channels) after the transforms.
        decode: function (encoded image) -> image uint8 [H,W,C].
        train_transform, test_transform: functions (image, seed [2]) -> image float32 in [0, 1].
        shuffle_buffer_size: images among which the next one of an epoch is drawn.
        label: function (example) -> whole number, -1 for an unlabelled image.
        name: function (example) -> text; None: images are named by their numbers.
    """

    holds_labels = False  # finding them takes a pass through the files

    def __init__(
        self,
        train,
        test,
        *,
        sizes,
        image_shape,
        decode,
        train_transform,
        test_transform,
        shuffle_buffer_size,
        label,
        name=None,
    ):
        self._train, self._test = train, test
        self.num_train, self.num_test = sizes
        self._image_shape = image_shape
        self._decode_image = decode
        self._train_transform, self._test_transform = train_transform, test_transform
        self.shuffle_buffer_size = shuffle_buffer_size
        self._label, self._name = label, name

    def training_labels(self):
        """See `Source`; read-only, found in one pass without decoding an image, then kept in memory."""
        return self._labels

    def training_names(self):
        """See `Source`; found in one pass without decoding an image, then kept in memory."""
        if self._name is None:
            return [str(number) for number in range(self.num_train)]
        return self._names

    def other_names(self):
        """Only training images are named; see `Source`."""
        return {}

    @functools.cached_property
    def _labels(self):
        labels = self.of_all(self._label).astype(np.int32)
        labels.flags.writeable = False
        return labels

    @functools.cached_property
    def _names(self):
        return [name.decode() for name in self.of_all(self._name)]

    def of_all(self, function):
        """Array [num_train, ...] of a function of each stored training example."""
        values = self._train.map(lambda index, example: function(example), num_parallel_calls=tf.data.AUTOTUNE)
        return np.concatenate(list(values.batch(1024).as_numpy_iterator()))

    def training_examples(self, seed, start, labels=None, train_mask=None, wanted=None):
        """See `Source`; the start is reached by reading past the images before it in its epoch."""
        examples, count = self._train.map(self._stored), self.num_train
        if labels is not None:
            with tf.device("CPU:0"):
                labels = tf.constant(labels)
            examples = examples.map(lambda example: {**example, "label": labels[example["index"]]})
        if train_mask is not None:
            with tf.device("CPU:0"):
                mask = tf.constant(train_mask)
            examples = examples.filter(lambda example: mask[example["index"]])
            count = int(np.sum(train_mask))

        def epoch(number):
            # Of this function's graph only, so that the program's global seed does not change the order.
            tf.random.set_seed(1)
            order = tf.random.stateless_uniform([], fold(seed, "order", number), 0, 2**31 - 1, tf.int64, alg=ALGORITHM)
            return examples.shuffle(self.shuffle_buffer_size, seed=order, reshuffle_each_iteration=False)

        stream = tf.data.Dataset.range(start // count, tf.int64.max).flat_map(epoch).skip(start % count)
        stream = stream.enumerate(start)
        if wanted is not None:  # before anything is decoded
            stream = stream.filter(lambda position, example: wanted(position))
        return self._decoded(stream, self._train_transform, seed)

    def batches(self, split, n, batch_size, chosen=None):
        """See `Source`.

        Raises:
            DataError: while reading, if fewer images can be read.
        """
        stored = {"train": self._train, "test": self._test}[split].map(self._stored).enumerate()
        if chosen is None:
            stored = stored.take(n)
        else:  # before anything is decoded
            mask = np.zeros([int(chosen[-1]) + 1], bool)
            mask[chosen] = True
            with tf.device("CPU:0"):
                mask = tf.constant(mask)
            stored = stored.take(len(mask)).filter(lambda position, example: mask[position])
        stream = self._decoded(stored, self._test_transform, seed=0).batch(batch_size)
        read = 0
        with damage_named(self):
            for batch in stream.prefetch(2).as_numpy_iterator():
                read += len(batch["label"])
                yield batch["image"], batch["label"]
        if read < n:
            raise DataError(f"the {split} split has {read} readable images, {n} are asked for")

    def _stored(self, index, example):
        return {"image": example["image"], "label": tf.cast(self._label(example), tf.int32), "index": index}

    def _decoded(self, stream, transform, seed):
        def decode(position, example):
            image = transform(self._decode_image(example["image"]), fold(seed, "crop", position))
            return {**example, "image": tf.ensure_shape(image, self._image_shape)}

        return stream.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
