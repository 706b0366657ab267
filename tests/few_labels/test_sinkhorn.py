import numpy as np
import pytest

from compare_gan2.few_labels.sinkhorn import balanced

SCORES = np.random.RandomState(0).normal(size=[60, 3]) + [1.0, 0.0, -1.0]


@pytest.mark.parametrize("shares", [None, [0.5, 0.3, 0.2]])
def test_sizes_of_the_classes(shares):
    found = balanced(SCORES, 0.5, shares)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.mean(axis=0), [1 / 3] * 3 if shares is None else shares, atol=1e-4)


def test_only_rows_and_columns_are_scaled():
    found = balanced(SCORES, 0.5)
    ratio = np.log(found) - SCORES / 0.5
    np.testing.assert_allclose(ratio - ratio[:1] - ratio[:, :1] + ratio[0, 0], 0, atol=1e-9)


def test_low_temperatures_do_not_overflow():
    found = balanced(1e4 * SCORES, 0.01)
    assert np.isfinite(found).all() and found.max(axis=1).min() > 0.33
