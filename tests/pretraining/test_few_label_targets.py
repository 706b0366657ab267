"""What is remembered equals the pure functions, on one replica and on two."""

import numpy as np
import tensorflow as tf

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.few_labels import class_thresholds, distribution_alignment
from compare_gan2.pretraining.few_label_options import FewLabelOptions
from compare_gan2.pretraining.few_label_targets import Alignment, ClassThresholds

RANDOM = np.random.RandomState(0)
PROBABILITIES = RANDOM.dirichlet([0.3, 0.6, 1.0], [3, 8]).astype(np.float32)  # of three batches
LABELLED = RANDOM.dirichlet([1, 1, 1], [3, 4]).astype(np.float32)
INDEX = np.stack([RANDOM.permutation(12)[:8] for _ in range(3)])


def options(**values):
    return FewLabelOptions("digits", threshold=0.6, alignment_decay=0.9, **values)


def test_alignment_by_a_moving_mean():
    given = options(alignment="labelled")
    part, mean = Alignment(given, [0.5, 0.3, 0.2]), None
    for step, batch in enumerate(PROBABILITIES):
        of_batch = batch.mean(axis=0)
        mean = of_batch if mean is None else 0.9 * mean + 0.1 * of_batch
        found = part.apply(tf.constant(batch), tf.constant(LABELLED[step]), step)
        np.testing.assert_allclose(
            found, distribution_alignment.aligned(batch, mean, np.array([0.5, 0.3, 0.2])), rtol=1e-5
        )


def test_alignment_by_the_last_batches_counts_those_there_are():
    part = Alignment(options(alignment="uniform", alignment_batches=2), np.full(3, 1 / 3))
    for step, batch in enumerate(PROBABILITIES):
        last = PROBABILITIES[max(step - 1, 0) : step + 1].mean(axis=(0, 1))
        found = part.apply(tf.constant(batch), tf.constant(LABELLED[step]), step)
        np.testing.assert_allclose(found, distribution_alignment.aligned(batch, last, 1 / 3), rtol=1e-5)


def course(strategy, replicas):
    """Outputs of both parts over three batches, the rows of all replicas one after the other."""
    with strategy.scope():
        alignment = Alignment(options(alignment="moving"), np.full(3, 1 / 3))
        thresholds = ClassThresholds(options(), 12, 3)

    @tf.function
    def step(probabilities, labelled, index, number):
        aligned = alignment.apply(probabilities, labelled, number)
        return aligned, *thresholds.apply(probabilities, index)

    found = []
    for number in range(3):
        rows = [np.split(array[number], replicas) for array in (PROBABILITIES, LABELLED, INDEX)]
        shared = [
            strategy.experimental_distribute_values_from_function(
                lambda context, row=row: tf.constant(row[context.replica_id_in_sync_group])
            )
            for row in rows
        ]
        outputs = strategy.run(step, args=(*shared, tf.constant(number)))
        found.append([np.concatenate(strategy.experimental_local_results(output)) for output in outputs])
    state = alignment.variables | thresholds.variables
    return found, {name: variable.numpy() for name, variable in state.items()}


def test_two_replicas_remember_the_same_as_one():
    one, state = course(tf.distribute.OneDeviceStrategy("CPU:0"), 1)
    two, other = course(get_strategy(False, num_devices=2)[0], 2)
    for first, second in zip(one, two, strict=True):
        for value, expected in zip(second, first, strict=True):
            np.testing.assert_allclose(value, expected, rtol=1e-5)
    assert all(np.allclose(state[name], other[name], rtol=1e-5) for name in state)


def test_thresholds_follow_the_memory():
    part, memory, status = ClassThresholds(options(), 12, 3), np.full(12, -1), np.zeros(3, np.float32)
    for batch, index in zip(PROBABILITIES, INDEX, strict=True):
        labels, mask = part.apply(tf.constant(batch), tf.constant(index))
        limits = class_thresholds.thresholds(0.6, status)[batch.argmax(axis=1)]
        assert np.array_equal(labels, batch.argmax(axis=1)) and np.array_equal(mask, batch.max(axis=1) >= limits)
        sure = batch.max(axis=1) >= 0.6
        memory[index[sure]] = batch.argmax(axis=1)[sure]
        counts = np.bincount(memory + 1, minlength=4)
        status = (counts[1:] / max(counts)).astype(np.float32)
    assert np.array_equal(part.variables["flexmatch/memory"], memory)
    np.testing.assert_allclose(part.variables["flexmatch/status"], status, rtol=1e-6)
