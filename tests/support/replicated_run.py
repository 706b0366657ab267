"""Trains the GANs of `CASES` on the given devices and writes the results; tests start it as a process.

Command line: number of logical devices, or `INDEX ADDRESS,ADDRESS,...` for one of several workers; then the file.
"""

import pathlib
import sys

if __name__ == "__main__":
    sys.path[:0] = [str(pathlib.Path(__file__).parents[1])]

import keras
import numpy as np
import tensorflow as tf

from compare_gan2.architectures import ARCHITECTURES
from compare_gan2.distribution.cluster import cluster_of
from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.distribution.worker_connections import connected
from compare_gan2.runs.declarations import declare_all
from compare_gan2.training.compiled_loop import compiled_steps, make_step
from compare_gan2.training.state import TrainState
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL, Gan, filled

BATCH_SIZE = 48  # cut in 2 and 4 parts, each of whole rotated quadruples
STEPS = 20
SHARED = (f"options.batch_size = {BATCH_SIZE}", "ModularGAN.g_use_ema = True", "ModularGAN.ema_start_step = 5")
CASES = {
    "modular": Gan("ModularGAN", (*SPECTRAL, *CONDITIONAL_GAN, *SHARED)),
    "ssgan": Gan("SSGAN", (*SPECTRAL, *CONDITIONAL_GAN, *SHARED, "SSGAN.rotated_batch_size = 48")),
    "s3gan": Gan("S3GAN", (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR, *SHARED)),
}
WITH_BLOCKS = Gan(
    "ModularGAN",
    (
        *(*SPECTRAL, *CONDITIONAL_GAN, *SHARED),
        "options.architecture = 'resnet_biggan_arch'",
        "resnet_biggan.Generator.ch = 2",
        "resnet_biggan.Discriminator.ch = 2",
        "resnet_biggan.Discriminator.project_y = False",
        "resnet_biggan.Discriminator.blocks_with_attention = ''",
    ),
    image_shape=(32, 32, 3),
)


def made(case, num_replicas):
    """(gan, state) of a case, all weights with fixed values."""
    gan = case.make(num_replicas)
    for network in (gan.generator, gan.discriminator, *gan.heads):
        filled(network)
    return gan, TrainState(gan)


def trained(strategy, case, steps=STEPS, remat=False, parts=1):
    """{variable or logged value: array} after some steps on a strategy; asserts that local copies are equal."""
    with strategy.scope():
        gan, state = made(case, strategy.num_replicas_in_sync * parts)
    if remat:
        gan.rematerialize()

    def batches(first_step, shard):
        index, count = shard
        rows = slice(index * BATCH_SIZE // count, (index + 1) * BATCH_SIZE // count)
        stream = [case.batch(step, BATCH_SIZE) for step in range(first_step, steps)]
        stacked = {name: np.stack([batch[name] for batch in stream])[:, rows] for name in stream[0]}
        return tf.data.Dataset.from_tensor_slices((stacked,)).repeat()

    scalars = compiled_steps(strategy, make_step(gan, state, parts), seed=3)(distributed(strategy, batches, 0), steps)
    values = {tag: np.array(series) for tag, series in scalars.items()}
    for name, variable in state.variables().items():
        first, *others = [copy.numpy() for copy in strategy.experimental_local_results(variable)]
        for other in others:
            np.testing.assert_array_equal(other, first, err_msg=name)
        values[name] = first
    return values


def main(devices, *rest):
    *workers, path = rest
    declare_all()
    ARCHITECTURES["tiny_arch"] = tiny_architecture
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})  # which takes longer than 20 steps
    cluster = cluster_of(workers[0].split(","), int(devices)) if workers else None
    with connected(cluster, timeout=60, settings="") as connections:
        strategy, _ = get_strategy(False, num_devices=None if workers else int(devices), cluster=cluster)
        keras.utils.set_random_seed(0)
        results = {name: trained(strategy, case) for name, case in CASES.items()}
        np.savez(path, **{f"{name}:{key}": value for name, values in results.items() for key, value in values.items()})
        if connections is not None and cluster.index:
            connections.wait_for_chief()


if __name__ == "__main__":
    main(*sys.argv[1:])
