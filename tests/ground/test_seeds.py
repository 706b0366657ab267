"""Seeds of stateless draws: a function of the run's seed, the purpose and counters, the same in every version."""

import itertools

import pytest
import tensorflow as tf

from compare_gan2.ground.seeds import fold

RECORDED = {  # by version 0.1; another value would change every run
    (0, "samples"): [0, 429021047],
    (3, "samples"): [3, 429021047],
    (3, "labels of samples", 7): [2018736173519599565, 7],
    (2**31, "x", 5, 6): [-4936464111505127160, 6],
}


@pytest.mark.parametrize("given", RECORDED)
def test_the_seed_of_a_draw_stays_what_it_was(given):
    assert fold(*given).numpy().tolist() == RECORDED[given]


def test_every_part_counts():
    given = itertools.product([0, 1], ["samples", "labels"], [0, 1], [0, 1])
    assert len({tuple(fold(*each).numpy()) for each in given}) == 16
    assert fold(0, "samples", 1, 0).numpy().tolist() != fold(0, "samples", 0, 1).numpy().tolist()


def test_counters_may_be_tensors_of_a_graph():
    graph = tf.function(lambda step: fold(3, "labels of samples", step))
    expected = fold(3, "labels of samples", 7).numpy().tolist()
    for step in (tf.constant(7), tf.constant(7, tf.int64)):
        assert graph(step).numpy().tolist() == expected


def test_a_tensor_is_the_number_it_holds():
    given = tf.function(lambda seed: fold(seed, "labels of samples", 7))(tf.constant(3, tf.int64))
    assert given.numpy().tolist() == RECORDED[(3, "labels of samples", 7)]
