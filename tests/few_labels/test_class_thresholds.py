"""The course over several batches is in tests/original/test_field_cases.py."""

import numpy as np
import tensorflow as tf

from compare_gan2.few_labels.class_thresholds import updated_memory, updated_status


def test_of_an_image_that_is_in_a_batch_twice_the_later_row_counts():
    memory = tf.constant([-1, 2, -1, -1])
    index, labels, mask = tf.constant([0, 0, 0, 1, 3]), tf.constant([2, 1, 2, 0, 2]), tf.constant([1.0, 1, 0, 1, 0])
    assert updated_memory(memory, index, labels, mask).numpy().tolist() == [1, 0, -1, -1]


def test_one_value_throughout_changes_no_status():
    status = tf.constant([0.25, 0.5])
    for memory in ([-1, -1, -1], [1, 1, 1]):
        assert np.array_equal(updated_status(status, tf.constant(memory)), status)


def test_images_without_a_label_hold_the_status_down_if_asked():
    memory = tf.constant([0, 0, 1, -1, -1, -1, -1])
    assert updated_status(tf.zeros(2), memory).numpy().tolist() == [0.5, 0.25]
    assert updated_status(tf.zeros(2), memory, warm_up=False).numpy().tolist() == [1.0, 0.5]
