import numpy as np
import tensorflow as tf

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.pretraining.mixed_batch import mixed_batch

IMAGES = [np.random.RandomState(n).uniform(size=[4, 2, 2, 1]).astype(np.float32) for n in range(3)]
TARGETS = [np.eye(3, dtype=np.float32)[[0, 1, 2, 0]]] * 3


def on(strategy, replicas, step=0):
    """(images, targets) of the groups in the order of the whole batch, from a number of replicas."""
    parts = [[np.split(group, replicas) for group in groups] for groups in (IMAGES, TARGETS)]

    def compute():
        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        own = [[tf.gather(tf.constant(np.stack(group)), number) for group in groups] for groups in parts]
        return mixed_batch(*own, 0.75, 0, tf.constant(step))

    results = [strategy.experimental_local_results(output) for output in strategy.run(tf.function(compute))]
    size = 4 // replicas
    return [
        np.concatenate([rows[group * size : (group + 1) * size] for group in range(3) for rows in replica_rows])
        for replica_rows in results
    ]


def test_each_row_is_mixed_with_one_of_the_whole_batch_in_one_share():
    images, targets = on(tf.distribute.OneDeviceStrategy("CPU:0"), 1)
    rows, whole = images.reshape(12, -1), np.concatenate(IMAGES).reshape(12, -1)
    partners, shares = [], []
    for number, (row, own) in enumerate(zip(rows, whole, strict=True)):
        apart = own - whole
        share = np.sum((row - whole) * apart, axis=1) / np.maximum(np.sum(apart**2, axis=1), 1e-12)
        errors = np.abs(whole + share[:, None] * apart - row).max(axis=1)
        partners.append(number if np.allclose(row, own) else int(errors.argmin()))
        assert errors.min() < 1e-5
        shares.append(share[partners[-1]])
    others = [share for number, share in enumerate(shares) if partners[number] != number]
    assert sorted(partners) == list(range(12)) and len(others) > 6
    assert np.ptp(others) < 1e-4 and 0.5 <= others[0] <= 1
    labels = np.concatenate(TARGETS)
    np.testing.assert_allclose(targets, others[0] * labels + (1 - others[0]) * labels[partners], atol=1e-4)


def test_another_step_draws_others():
    one, other = (on(tf.distribute.OneDeviceStrategy("CPU:0"), 1, step) for step in (0, 1))
    assert not np.allclose(one[0], other[0])


def test_the_number_of_replicas_does_not_matter():
    one = on(tf.distribute.OneDeviceStrategy("CPU:0"), 1)
    two = on(get_strategy(False, num_devices=2)[0], 2)
    for value, expected in zip(two, one, strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-6)
