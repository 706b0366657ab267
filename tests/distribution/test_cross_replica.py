"""Means over replicas inside a layer."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
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
