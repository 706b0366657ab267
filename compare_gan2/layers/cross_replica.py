"""What replicas that train together exchange within a layer: means over all of them."""

import dataclasses

import tensorflow as tf

from compare_gan2.configuration import configurable


@configurable("cross_replica_moments", module="compare_gan.tpu.tpu_ops")
@dataclasses.dataclass(frozen=True)
class CrossReplicaMoments:
    """How moments are taken over replicas.

    Attributes:
        parallel: True: variance = E[x^2] - E[x]^2, one exchange; False: E[(x - mean)^2], two exchanges.
        group_size: replicas that share moments; None or 0 for all.
    """

    parallel: bool = True
    group_size: int | None = None


def num_replicas():
    """Number of replicas in whose midst this is called."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else context.num_replicas_in_sync


def mean_over_replicas(values, group_size):
    """Each of the values, averaged over the replicas that share moments, in one exchange.

    Raises:
        ValueError: for groups other than each replica by itself or all together.
    """
    context = tf.distribute.get_replica_context()
    group_size = group_size or context.num_replicas_in_sync
    if group_size == 1:
        return values
    if group_size != context.num_replicas_in_sync:
        raise ValueError(
            f"cross_replica_moments.group_size: expected None, 1 or the number of replicas "
            f"({context.num_replicas_in_sync}), got {group_size}: tf.distribute reduces over all replicas"
        )
    return context.all_reduce(tf.distribute.ReduceOp.MEAN, values)
