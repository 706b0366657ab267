"""Images read through TensorFlow Datasets, in a seeded order that can be entered anywhere."""

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.seeds import ALGORITHM, fold


def prepared_builder(name, tfds_name, data_dir=None, manual_archives=()):
    """Builder of a TFDS dataset that is on disk, downloaded first where TFDS can do that alone.

    Args:
        name: our name of the dataset, for messages.
        tfds_name: its name in TFDS.
        data_dir: folder of TFDS, None for its default.
        manual_archives: files that a person has to download; if any, nothing is downloaded here.

    Raises:
        ConfigError: if the data is not there; says what to download and where to put it.
    """
    builder = tfds.builder(tfds_name, data_dir=data_dir)
    if builder.is_prepared():
        return builder
    root = builder.data_path.parents[tfds_name.count("/") + 1]
    build_it = f"run `tfds build {tfds_name} --data_dir={root}`"
    other_ways = "Another folder is named with --tfds_data_dir. gin_configs/s3gan.gin runs without any download."
    missing = f"dataset {name}: there is no {tfds_name} in {builder.data_path}."
    if manual_archives:
        by_hand = f"Download {' and '.join(manual_archives)}, put them in {root}/downloads/manual"
        raise ConfigError(f"{missing} {by_hand}, {build_it}. {other_ways}")
    try:
        builder.download_and_prepare()
    except Exception as error:  # TFDS, its HTTP client and the file system all raise their own kinds.
        raise ConfigError(
            f"{missing} Downloading it failed ({type(error).__name__}: {error}). "
            f"On a machine with network {build_it} and copy that folder here. {other_ways}"
        ) from error
    return builder


class TfdsSource:
    """Training and test images of a prepared TFDS dataset, see `spec.Source`.

    It has a feature `image`; where it has no `label`, labels are 0; where it has no `file_name`, images are named by
    their numbers.

    Args:
        builder: TFDS builder, prepared.
        image_shape: shape after the transforms.
        train_split, test_split: TFDS splits.
        split_sizes: (train, test), used where TFDS does not know them.
        train_transform, test_transform: functions (image uint8, seed [2]) -> image float32 in [0,1].
        shuffle_buffer_size: images among which the next one of an epoch is drawn.
    """

    def __init__(
        self,
        builder,
        image_shape,
        *,
        train_split,
        test_split,
        split_sizes,
        train_transform,
        test_transform,
        shuffle_buffer_size,
    ):
        self._feature = builder.info.features["image"]
        self._image_shape = image_shape
        self._train_transform = train_transform
        self._test_transform = test_transform
        self._shuffle_buffer_size = shuffle_buffer_size
        self._features = builder.info.features
        self._train = _read(builder, train_split)
        self._test = _read(builder, test_split)
        self.num_train = _size(self._train, split_sizes[0])
        self.num_test = _size(self._test, split_sizes[1])

    def training_labels(self):
        """Labels int32 [num_train], read in one pass without decoding an image."""
        return self._of_all(lambda example: _label(example)).astype(np.int32)

    def training_names(self):
        """Names str [num_train], read in one pass without decoding an image."""
        if "file_name" not in self._features:
            return [str(number) for number in range(self.num_train)]
        return [name.decode() for name in self._of_all(lambda example: example["file_name"])]

    def training_sides(self):
        """The shorter side of each stored image in pixels, int32 [num_train], read from the headers of JPEG images."""
        return self._of_all(lambda example: tf.reduce_min(tf.io.extract_jpeg_shape(example["image"])[:2]))

    def _of_all(self, function):
        values = self._train.map(lambda index, example: function(example), num_parallel_calls=tf.data.AUTOTUNE)
        return np.concatenate(list(values.batch(1024).as_numpy_iterator()))

    def training_examples(self, seed, start, labels=None, kept=None, wanted=None):
        """See `spec.ImageDataset`; the start is reached by reading past the images before it in its epoch."""
        examples, count = self._train.map(_stored), self.num_train
        if labels is not None:
            with tf.device("CPU:0"):
                labels = tf.constant(labels)
            examples = examples.map(lambda example: {**example, "label": labels[example["index"]]})
        if kept is not None:
            with tf.device("CPU:0"):
                mask = tf.constant(kept)
            examples = examples.filter(lambda example: mask[example["index"]])
            count = int(np.sum(kept))

        def epoch(number):
            tf.random.set_seed(1)  # Of this function's graph only: the program's global seed must not change the order.
            order = tf.random.stateless_uniform([], fold(seed, "order", number), 0, 2**31 - 1, tf.int64, alg=ALGORITHM)
            return examples.shuffle(self._shuffle_buffer_size, seed=order, reshuffle_each_iteration=False)

        stream = tf.data.Dataset.range(start // count, tf.int64.max).flat_map(epoch).skip(start % count)
        stream = stream.enumerate(start)
        if wanted is not None:
            stream = stream.filter(lambda position, example: wanted(position))
        return self._decode(stream, self._train_transform, seed)

    def batches(self, split, n, batch_size):
        """See `spec.ImageDataset.batches`."""
        stored = {"train": self._train, "test": self._test}[split].map(_stored)
        stream = self._decode(stored.take(n).enumerate(), self._test_transform, seed=0).batch(batch_size)
        read = 0
        for batch in stream.prefetch(2).as_numpy_iterator():
            read += len(batch["label"])
            yield batch["image"], batch["label"]
        if read < n:
            raise ConfigError(f"the {split} split has {read} readable images, {n} are asked for")

    def _decode(self, stream, transform, seed):
        def decode(position, example):
            image = transform(self._feature.decode_example(example["image"]), fold(seed, "crop", position))
            return {**example, "image": tf.ensure_shape(image, self._image_shape)}

        return stream.map(decode, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)


def _read(builder, split):
    """(index, example with encoded image) in an order fixed by the files and these settings."""
    return builder.as_dataset(
        split=split,
        shuffle_files=False,
        decoders={"image": tfds.decode.SkipDecoding()},
        read_config=tfds.ReadConfig(try_autocache=False, interleave_cycle_length=16, interleave_block_length=16),
    ).enumerate()


def _stored(index, example):
    return {"image": example["image"], "label": tf.cast(_label(example), tf.int32), "index": index}


def _label(example):
    return example["label"] if "label" in example else tf.constant(0)


def _size(split, default):
    known = int(split.cardinality())
    return known if known >= 0 else default
