"""Graph calls of many steps; how they are broken off is in test_loop.py."""

import numpy as np
import tensorflow as tf
from support.counted_state import CountedState

from compare_gan2.training.compiled_loop import CompiledLoop


def loop_of(step_on_replica):
    strategy = tf.distribute.get_strategy()
    dataset = tf.data.Dataset.range(100)
    return CompiledLoop(strategy, step_on_replica, CountedState()), lambda: iter(dataset)


def test_tracing_takes_no_step_and_is_done_once():
    traces = []

    def step_on_replica(batch, step):
        traces.append(step)
        matrix = tf.fill([50, 50], tf.cast(batch, tf.float32))
        return {"a": tf.reduce_sum(tf.matmul(matrix, matrix))}

    run, batches = loop_of(step_on_replica)
    iterator = batches()
    assert run.trace(iterator) >= 2 * 50 * 50 * 4
    assert run.taken() == 0
    expected = 50**3 * np.arange(5.0) ** 2
    np.testing.assert_allclose(run(iterator, 3)["a"], expected[:3])
    assert run.taken() == 3
    np.testing.assert_allclose(run(iterator, 2)["a"], expected[3:])
    assert len(traces) == 1


def test_a_signal_may_ask_for_the_steps_while_a_graph_is_traced():
    found = []

    def step_on_replica(batch, step):
        found.append(run.taken())  # where a signal handler may run
        return {"a": tf.cast(step, tf.float32)}

    run, batches = loop_of(step_on_replica)
    run(batches(), 2)
    assert found == [0]
