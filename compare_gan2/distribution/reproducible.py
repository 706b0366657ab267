"""Repeatable computation during a run, which leaves the process as it was."""

import contextlib
import random

import keras
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
    states = random.getstate(), np.random.get_state(), context.global_seed(), config.is_op_determinism_enabled()
    of_keras = [global_state.get_global_attribute(name) for name in _OF_KERAS]
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        tf.random.set_seed(states[2])
        for name, value in zip(_OF_KERAS, of_keras, strict=True):
            global_state.set_global_attribute(name, value)
        if not states[3]:
            config.disable_op_determinism()
