"""Files of labels in the format of the original, for tests."""

import numpy as np
import tensorflow as tf


def write_labels(path, labels):
    """Writes a file of (name, int label, one-hot integers or float logits)."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for name, label in labels:
            if np.ndim(label) and np.issubdtype(np.asarray(label).dtype, np.integer):
                value = tf.train.Feature(int64_list=tf.train.Int64List(value=label))
            elif np.ndim(label):
                value = tf.train.Feature(float_list=tf.train.FloatList(value=label))
            else:
                value = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
            file_name = tf.train.Feature(bytes_list=tf.train.BytesList(value=[name.encode()]))
            features = tf.train.Features(feature={"file_name": file_name, "label": value})
            writer.write(tf.train.Example(features=features).SerializeToString())
