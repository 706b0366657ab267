import numpy as np
import tensorflow as tf

from compare_gan2.gans.batch import Batch, concatenate


def test_what_is_not_augmented_has_no_other_images():
    batch = Batch(1, 2, 3, 4)
    assert (batch.plain_images, batch.plain_fakes, batch.known_labels) == (None, None, None)


def test_parts_are_concatenated():
    images, labels = concatenate([(tf.zeros([2, 1]), tf.ones([2, 3])), (tf.ones([1, 1]), tf.ones([1, 3]))])
    np.testing.assert_array_equal(images[:, 0], [0, 0, 1])
    assert labels.shape == (3, 3) and concatenate([(images, None)])[1] is None
