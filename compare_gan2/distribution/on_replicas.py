"""Functions of rows, such as images from latents or features of images, on all replicas at once."""

import numpy as np
import tensorflow as tf


def on_replicas(function, strategy=None):
    """`function` as a graph, with the rows of its arguments cut over the replicas of a strategy.

    Args:
        function: (tensors [n, ...], None for those not given) -> structure of tensors [n, ...].
        strategy: tf.distribute strategy of one process, in whose scope the variables were made; None for no strategy.

    Returns:
        Function with the same arguments and results, for any n > 0.
    """
    if strategy is None:
        return tf.function(function)
    replicas = strategy.num_replicas_in_sync
    distributed = tf.function(lambda *parts: strategy.run(function, args=parts))

    def run(*arrays):
        count = len(next(values for values in arrays if values is not None))
        share = -(-count // replicas)
        rows = np.minimum(np.arange(share * replicas), count - 1).reshape(replicas, share)  # the last is repeated
        outputs = distributed(*(_cut(values, rows, strategy) for values in arrays))
        return tf.nest.map_structure(lambda values: _joined(values, strategy)[:count], outputs)

    return run


def _cut(values, rows, strategy):
    """Each replica's rows, gathered on the host, so that rows do not move from one device to another."""
    if values is None:
        return None
    parts = iter([tf.gather(values, own) for own in rows])  # asked for in the order of the replicas
    return strategy.experimental_distribute_values_from_function(lambda _: next(parts))


def _joined(values, strategy):
    return tf.concat(strategy.experimental_local_results(values), 0)
