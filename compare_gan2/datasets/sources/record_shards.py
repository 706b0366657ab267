"""TFRecord files of decoded images, one after the other, none longer than a bound."""

import tensorflow as tf

SHARD_BYTES = 128 * 2**20


class RecordShards:
    """Writer of `tf.train.Example` records that begins another file when one is full.

    Args:
        folder: path of the folder.
        split: start of the names of the files.
    """

    def __init__(self, folder, split):
        self._folder, self._split = folder, split
        self._names, self._writer, self._room = [], None, 0

    def write(self, image, label):
        """Writes a record with `image`, an array uint8 [h,w,C], and `label`, a whole number."""
        record = tf.train.Example(
            features=tf.train.Features(
                feature={
                    "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[_serialized(image)])),
                    "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
                }
            )
        ).SerializeToString()
        if self._room < len(record):
            self.close()
            self._names.append(f"{self._split}-{len(self._names):05}.tfrecord")
            self._writer, self._room = tf.io.TFRecordWriter(str(self._folder / self._names[-1])), SHARD_BYTES
        self._writer.write(record)
        self._room -= len(record)

    def close(self):
        """Closes the last file; returns the names of all."""
        if self._writer is not None:
            self._writer.close()
        return self._names


def _serialized(image):
    return tf.make_tensor_proto(image).SerializeToString()
