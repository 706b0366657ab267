import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.datasets.data_request import DataRequest, get_dataset
from compare_gan2.datasets.latents import Latents
from compare_gan2.datasets.pipeline import training_batches
from compare_gan2.distribution.per_replica_batches import distributed
from compare_gan2.distribution.strategy import get_strategy

BATCH_SIZE = 8


def batches(start_step, shard=(0, 1)):
    return training_batches(
        get_dataset(DataRequest("mnist", fake=True)),
        batch_size=BATCH_SIZE,
        sub_batches=2,
        seed=5,
        latents=Latents(),
        z_dim=6,
        conditional=True,
        start_step=start_step,
        shard=shard,
    )


@pytest.mark.parametrize("replicas", [1, 2])
def test_replicas_get_consecutive_rows(replicas):
    strategy, _ = get_strategy(False, num_devices=replicas)
    iterator = distributed(strategy, batches, 3)
    for expected in batches(3).take(3):
        parts = [strategy.experimental_local_results(values) for values in tf.nest.flatten(next(iterator))]
        for part, whole in zip(parts, tf.nest.flatten(expected), strict=True):
            assert [values.shape[0] for values in part] == [BATCH_SIZE // replicas] * replicas
            np.testing.assert_array_equal(tf.concat(part, 0), whole)


@pytest.mark.parametrize("replicas", [1, 2])
def test_shapes_are_static(replicas):
    strategy, _ = get_strategy(False, num_devices=replicas)
    shapes = []

    @tf.function
    def step(iterator):
        strategy.run(lambda parts: shapes.append(parts[0]["images"].shape), args=(next(iterator),))

    step.get_concrete_function(distributed(strategy, batches, 0))
    assert set(map(tuple, shapes)) == {(BATCH_SIZE // replicas, 28, 28, 1)}
