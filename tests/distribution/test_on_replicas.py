"""Functions of rows on all replicas at once: the same results in the same order, for any number of rows."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.distribution.on_replicas import on_replicas
from compare_gan2.distribution.strategy import get_strategy


@pytest.fixture(scope="module")
def strategy():
    strategy, _ = get_strategy(False, num_devices=2)
    assert strategy.num_replicas_in_sync == 2
    return strategy


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_rows_come_back_in_order(count, strategy):
    values = np.random.RandomState(0).standard_normal([count, 3]).astype(np.float32)
    for chosen in (None, strategy):
        double = on_replicas(lambda rows, nothing: (2 * rows, tf.reduce_sum(rows, 1)), chosen)
        doubled, sums = double(tf.constant(values), None)
        np.testing.assert_allclose(doubled, 2 * values)
        np.testing.assert_allclose(sums, values.sum(axis=1), rtol=1e-5)


def test_both_replicas_have_a_part(strategy):
    seen = on_replicas(
        lambda rows: rows + tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.float32), strategy
    )
    np.testing.assert_array_equal(seen(tf.zeros([4, 1]))[:, 0], [0, 0, 1, 1])


def test_variables_are_those_of_the_strategy(strategy):
    with strategy.scope():
        weight = tf.Variable(3.0)
    times = on_replicas(lambda rows: weight * rows, strategy)
    np.testing.assert_array_equal(times(tf.ones([3])), [3.0] * 3)
    weight.assign(4.0)
    np.testing.assert_array_equal(times(tf.ones([3])), [4.0] * 3)
