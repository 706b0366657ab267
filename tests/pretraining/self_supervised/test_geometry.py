import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.pretraining.self_supervised.geometry import alignment, uniformity

ROWS = np.random.RandomState(0).normal(size=[2, 7, 3]).astype(np.float32)


def test_alignment_is_the_mean_squared_distance_of_unit_vectors():
    first, second = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in ROWS)
    assert float(alignment(*ROWS)) == pytest.approx(np.mean(np.sum((first - second) ** 2, axis=1)), rel=1e-5)
    assert float(alignment(ROWS[0], 3 * ROWS[0])) == pytest.approx(0, abs=1e-6)


def test_uniformity_is_over_pairs_of_different_rows():
    rows = ROWS[0] / np.linalg.norm(ROWS[0], axis=1, keepdims=True)
    pairs = [np.exp(-2 * np.sum((rows[i] - rows[j]) ** 2)) for i in range(7) for j in range(7) if i != j]
    assert float(uniformity(tf.constant(ROWS[0]))) == pytest.approx(np.log(np.mean(pairs)), rel=1e-5)
    assert float(uniformity(tf.ones([5, 3]))) == pytest.approx(0, abs=1e-6)
