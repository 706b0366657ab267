"""Means over the replicas that train together, taken inside a layer."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import CountOrZero


@configurable("cross_replica_moments", module="compare_gan.tpu.tpu_ops")
@dataclasses.dataclass(frozen=True)
class CrossReplicaMoments:
    """Settings of the moments over replicas.

    Attributes:
        parallel: True computes the variance as E[x^2] - E[x]^2 with one exchange, False as E[(x - mean)^2] with two.
        group_size: number of replicas that share moments; None or 0 for all.
    """

    parallel: bool = True
    group_size: CountOrZero | None = None

    def __post_init__(self):
        check_fields(self)


def num_replicas():
    """Number of replicas in the current replica context; 1 outside one."""
    context = tf.distribute.get_replica_context()
    return 1 if context is None else context.num_replicas_in_sync


def mean_over_replicas(values, group_size):
    """List of the values, each averaged over the replicas that share moments; one exchange for all of them.

    Args:
        values: list of tensors with the same shapes on every replica.
        group_size: see `CrossReplicaMoments`.

    Raises:
        ValueError: for groups other than each replica alone or all together.
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


def rows_of_all_replicas(values):
    """[replicas * N, ...]: the rows of all replicas in their order, for functions that are not means over examples.

    Each replica computes the whole function; its gradient reaches the replica's own rows, times the number of replicas,
    so that the mean over the replicas has the gradient of the function. Call it in the same order on all replicas and
    outside of conditions and loops.

    Args:
        values: [N, ...] of this replica, N the same on all.
    """
    replicas = num_replicas()
    if replicas == 1:
        return values
    context = tf.distribute.get_replica_context()
    gathered = context.all_gather(tf.stop_gradient(values), axis=0)
    own = tf.one_hot(context.replica_id_in_sync_group, replicas, dtype=values.dtype)
    no_change = values - tf.stop_gradient(values)  # 0 with a gradient
    placed = tf.tensordot(own, no_change, axes=0)  # [replicas, N, ...]
    return tf.reshape(gathered, [replicas * values.shape[0], *values.shape[1:]]) + replicas * tf.reshape(
        placed, [replicas * values.shape[0], *values.shape[1:]]
    )
