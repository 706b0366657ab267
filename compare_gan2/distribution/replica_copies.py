"""Variables of which every replica keeps a copy."""

import tensorflow as tf


def replica_copy(value, name=None):
    """tf.Variable, not trained, of a value that every replica computes alike: copies are kept, nothing is exchanged.

    Create it inside the strategy's scope. A checkpoint holds the copy of the first replica.

    Args:
        value: initial value.
        name: of the variable; None for TensorFlow's own.
    """
    return tf.Variable(
        value,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        name=name,
    )
