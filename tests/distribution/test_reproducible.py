"""Repeatable computation inside, and nothing of it left outside."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from compare_gan2.distribution.reproducible import reproducible


def draws():
    """A number of each generator that a seed governs."""
    layer = keras.layers.Dense(1, kernel_initializer="random_normal")
    layer.build([None, 1])
    return (
        random.random(),
        float(np.random.random_sample()),
        float(tf.random.uniform([])),
        float(keras.random.uniform([])),
        float(layer.kernel[0, 0]),
    )


def test_the_same_seed_gives_the_same_draws():
    results = {}
    for name, seed in (("first", 3), ("second", 3), ("other", 4)):
        draws()  # wherever the process was before
        with reproducible(seed):
            results[name] = draws()
    assert results["first"] == results["second"]
    assert all(mine != theirs for mine, theirs in zip(results["first"], results["other"], strict=True))


@pytest.mark.parametrize("fails", [False, True])
def test_the_draws_of_the_process_resume_where_they_were(fails):
    def both(inside):
        keras.utils.set_random_seed(11)
        first = draws()
        if inside:
            try:
                with reproducible(3):
                    draws()
                    if fails:
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass
        after = draws()
        return first, after[0], after[1]

    assert both(inside=True) == both(inside=False)


def test_what_was_set_before_is_set_again():
    tf.random.set_seed(17)
    without = [float(tf.random.uniform([])) for _ in range(2)]
    tf.random.set_seed(17)
    first = float(tf.random.uniform([]))
    with reproducible(3):
        pass
    assert first == without[0]
    tf.random.set_seed(17)
    assert float(tf.random.uniform([])) == without[0]


def test_the_draws_of_tensorflow_resume_where_they_were():
    tf.random.set_seed(17)
    without = [float(tf.random.uniform([])) for _ in range(3)]
    tf.random.set_seed(17)
    first = float(tf.random.uniform([]))
    with reproducible(3):
        tf.random.uniform([])
    assert [first, float(tf.random.uniform([])), float(tf.random.uniform([]))] == without


@pytest.mark.parametrize("before", [False, True])
def test_determinism_of_operations_is_as_it_was(before):
    was = config.is_op_determinism_enabled()
    (config.enable_op_determinism if before else config.disable_op_determinism)()
    try:
        with reproducible(3):
            assert config.is_op_determinism_enabled()
        assert config.is_op_determinism_enabled() is before
    finally:
        (config.enable_op_determinism if was else config.disable_op_determinism)()


def test_blocks_inside_each_other():
    before = config.is_op_determinism_enabled()  # by other tests of this process
    with reproducible(3):
        expected = draws()
    with reproducible(3):
        with reproducible(4):
            draws()
        random.random(), np.random.random_sample()
    with reproducible(4), reproducible(3):
        assert draws() == expected
    assert config.is_op_determinism_enabled() == before
