"""Repeatable computation during a run, which leaves the process as it was."""

import contextlib
import random

import numpy as np
import tensorflow as tf

# None of these has a public accessor that could put back what was there before.
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED
from tensorflow.python.eager import context
from tensorflow.python.framework import config

_OF_KERAS = (GLOBAL_RANDOM_SEED, GLOBAL_SEED_GENERATOR)


@contextlib.contextmanager
def reproducible(seed):
    """Context manager: seeds of Python, NumPy, TensorFlow and Keras are set, and operations are deterministic.

    Afterwards the generators of the process are as they were before, so that a run in a notebook changes nothing there.

    Args:
        seed: whole number in [0, 2**32).
    """
    was_deterministic, state = config.is_op_determinism_enabled(), context.context()
    global_seed, seeds_of_operations = context.global_seed(), getattr(state, "_rng", None)
    tf.random.set_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        with seeded(seed):
            yield
    finally:
        tf.random.set_seed(global_seed)
        state._rng = seeds_of_operations  # else the draws of the process would begin again
        if not was_deterministic:
            config.disable_op_determinism()


@contextlib.contextmanager
def seeded(seed):
    """Context manager: the generators of Python, NumPy and Keras start from a seed; afterwards they are as before.

    That of TensorFlow is left alone: setting its seed restarts the draws of every function that was traced before.

    Args:
        seed: whole number in [0, 2**32).
    """
    of_python, of_numpy = random.getstate(), np.random.get_state()
    of_keras = [global_state.get_global_attribute(name) for name in _OF_KERAS]
    random.seed(seed)
    np.random.seed(seed)
    for name, value in zip(_OF_KERAS, (seed, None), strict=True):
        global_state.set_global_attribute(name, value)
    try:
        yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)
        for name, value in zip(_OF_KERAS, of_keras, strict=True):
            global_state.set_global_attribute(name, value)
