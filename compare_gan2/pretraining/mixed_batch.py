"""MixMatch's interpolation of images with partners from the batch over all replicas."""

import tensorflow as tf

from compare_gan2.distribution.cross_replica import num_replicas, rows_of_all_replicas
from compare_gan2.few_labels import mixmatch
from compare_gan2.ground.seeds import ALGORITHM, fold


def mixed_batch(images, targets, beta, seed, step):
    """(images [N,H,W,C], targets [N,K]) of a replica, each mixed with a partner from the whole batch.

    Partner and share follow from the seed, the step and the place in the whole batch, whatever the number of replicas.

    Args:
        images: list of groups [n_i,H,W,C] of this replica; the rows of the result are in their order.
        targets: list of groups [n_i,K].
        beta: parameter of the Beta distribution of the shares.
        seed: whole number.
        step: updates before this one.
    """
    everywhere = [[rows_of_all_replicas(tf.stop_gradient(group)) for group in groups] for groups in (images, targets)]
    replicas = num_replicas()
    replica = tf.distribute.get_replica_context().replica_id_in_sync_group if replicas > 1 else 0
    own, first = [], 0
    for group in images:  # the whole batch is the first groups of all replicas, then the second ones, and so on
        own.append(first + replica * group.shape[0] + tf.range(group.shape[0]))
        first += replicas * group.shape[0]
    draws = tf.random.stateless_uniform([first], fold(seed, "partners", step), alg=ALGORITHM)
    partners = tf.gather(tf.argsort(draws, stable=True), tf.concat(own, 0))
    gammas = tf.random.stateless_gamma([2], fold(seed, "shares", step), beta)
    share = mixmatch.larger_share(gammas[0] / tf.maximum(tf.reduce_sum(gammas), 1e-30))
    return tuple(
        mixmatch.mixed(tf.concat(groups, 0), tf.gather(tf.concat(whole, 0), partners), share)
        for groups, whole in zip((images, targets), everywhere, strict=True)
    )
