"""Means over replicas inside a layer."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas, rows_of_all_replicas
from compare_gan2.distribution.strategy import get_strategy


def on_two(function):
    """What `function(replica)` gives on each of two replicas."""
    strategy, _ = get_strategy(False, num_devices=2)

    def replicated():
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        return function(tf.cast(replica, tf.float32))

    return strategy.experimental_local_results(tf.function(lambda: strategy.run(replicated))())


def test_the_number_of_replicas():
    assert num_replicas() == 1
    np.testing.assert_array_equal(on_two(lambda replica: tf.constant(num_replicas())), [2, 2])
    strategy, _ = get_strategy(False, num_devices=2)
    with strategy.scope():
        assert num_replicas() == 1  # outside of the replicas


@pytest.mark.parametrize("group_size", [None, 0, 2])
def test_values_are_averaged_over_all(group_size):
    both = on_two(lambda replica: tf.stack(mean_over_replicas([replica, 10 * replica + 1], group_size)))
    for values in both:
        np.testing.assert_allclose(values, [0.5, 6.0])


def test_a_group_of_one_averages_nothing():
    first, second = on_two(lambda replica: tf.stack(mean_over_replicas([replica], 1)))
    assert (float(first[0]), float(second[0])) == (0.0, 1.0)


def test_other_groups_are_refused():
    with pytest.raises(ValueError, match=r"group_size: expected None, 1 or the number of replicas \(2\), got 3"):
        on_two(lambda replica: mean_over_replicas([replica], 3)[0])


def test_rows_of_all_replicas_with_the_gradient_of_the_whole():
    """A function of all rows whose share each replica adds: the gradient is that on one device."""

    def share(replica):
        rows = tf.stack([2.0 * replica, 2.0 * replica + 1.0])[:, None]
        with tf.GradientTape() as tape:
            tape.watch(rows)
            everything = rows_of_all_replicas(rows)
            value = tf.reduce_mean(everything) ** 2 + tf.reduce_max(everything)
            part = value / 2
        return tf.concat([everything, tape.gradient(part, rows), value[None, None]], 0)

    both = on_two(share)
    for values in both:
        np.testing.assert_allclose(values[:4, 0], [0, 1, 2, 3])
        assert float(values[-1, 0]) == 1.5**2 + 3
    np.testing.assert_allclose(np.concatenate([v[4:6, 0] for v in both]), [0.75, 0.75, 0.75, 1.75])


def test_on_one_device_the_rows_are_the_own_ones():
    rows = tf.constant([1.0, 2.0])
    assert rows_of_all_replicas(rows) is rows
