"""Losses and their gradients are in tests/original/test_field_cases.py."""

import tensorflow as tf

from compare_gan2.few_labels.confident_labels import confident_labels, consistency_loss

PROBABILITIES = tf.constant([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]])


def test_a_threshold_for_all_or_for_each_class():
    labels, mask = confident_labels(PROBABILITIES, 0.6)
    assert labels.numpy().tolist() == [0, 2] and mask.numpy().tolist() == [0, 1]
    assert confident_labels(PROBABILITIES, [0.4, 1.0, 0.8])[1].numpy().tolist() == [1, 0]


def test_masked_images_count_in_the_mean_and_not_in_the_sum():
    logits, labels = tf.zeros([4, 2]), tf.zeros([4], tf.int32)
    loss = consistency_loss(logits, labels, tf.constant([1.0, 0.0, 0.0, 0.0]))
    assert abs(float(loss) - float(tf.math.log(2.0)) / 4) < 1e-6
