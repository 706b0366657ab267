import numpy as np
import tensorflow as tf

from compare_gan2.distribution.replica_copies import replica_copy


def test_each_replica_keeps_what_all_compute_alike():
    strategy = tf.distribute.OneDeviceStrategy("CPU:0")
    with strategy.scope():
        copy = replica_copy(tf.constant([1.0, 2.0]), "mean")
    assert not copy.trainable and copy.synchronization == tf.VariableSynchronization.ON_READ
    assert copy.aggregation == tf.VariableAggregation.ONLY_FIRST_REPLICA and copy.name.startswith("mean")
    strategy.run(lambda: copy.assign(2.0 * copy))
    np.testing.assert_array_equal(copy.numpy(), [2.0, 4.0])
