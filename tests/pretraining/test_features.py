import numpy as np
import pytest

from compare_gan2.pretraining.features import Features, class_accuracy, linear_probe_accuracy, probe_images


def test_a_probe_sees_a_seeded_part_of_the_labelled_images():
    labels = np.where(np.arange(100) % 4, np.arange(100) // 50, -1)  # sorted by class, as folders are
    chosen = probe_images(labels, 30, seed=3)
    assert len(set(chosen)) == 30 and np.array_equal(chosen, np.sort(chosen))
    assert np.all(labels[chosen] >= 0)
    assert 5 < np.sum(labels[chosen]) < 25  # of both classes
    assert np.array_equal(probe_images(labels, 30, seed=3), chosen)
    assert not np.array_equal(probe_images(labels, 30, seed=4), chosen)
    assert set(chosen) <= set(probe_images(labels, 40, seed=3))
    assert len(probe_images(labels, 1000, seed=3)) == 75


def test_only_known_labels_count_as_right_or_wrong():
    logits = np.eye(3, dtype=np.float32)[[0, 1, 2, 2]]
    assert class_accuracy(Features(np.zeros((4, 1)), logits, np.array([0, -1, 1, 2]))) == pytest.approx(2 / 3)


def test_a_probe_of_separate_classes_is_right_where_a_label_is_known():
    points, labels = np.repeat(np.eye(2), 20, axis=0), np.repeat([0, 1], 20)
    train = Features(points, None, np.where(np.arange(40) % 2, labels, -1))
    test = Features(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), None, np.array([0, 1, -1]))
    assert linear_probe_accuracy(train, test) == 1.0
