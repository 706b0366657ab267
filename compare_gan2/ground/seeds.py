"""Seeds of stateless draws: a function of the run's seed, a purpose and counters, and of nothing else.

The algorithm is named in every draw, because the default of TensorFlow differs between devices.
"""

import zlib

import tensorflow as tf

ALGORITHM = "philox"


def seed_for(seed, name):
    """Whole number in [0, 2**32): the seed of what a name draws with a generator that takes one number."""
    return zlib.crc32(f"{seed} {name}".encode())


def fold(seed, purpose, *counters):
    """Seed [2] int64 for one stateless draw.

    Args:
        seed: whole number or scalar tensor of int64, the seed of the run or of the data.
        purpose: text that keeps draws for different uses apart.
        *counters: whole numbers or scalar tensors, such as step, sub-batch or position.
    """
    folded = tf.convert_to_tensor([seed, zlib.crc32(purpose.encode())], tf.int64)
    for counter in counters:
        folded = tf.random.experimental.stateless_fold_in(folded, tf.cast(counter, tf.int64), alg=ALGORITHM)
    return folded
