"""Initial values by the name that `weights.initializer` binds: functions of (seed, path of the variable) alone.

What was built before in the process, the number of replicas and the order of building have no influence.
"""

import contextlib
import dataclasses
import math
import random
import threading
from typing import Literal

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import without_effect
from compare_gan2.distribution.reproducible import seeded
from compare_gan2.ground.seeds import ALGORITHM, fold, seed_for

STDDEV = 0.02
# Standard deviation of the standard normal distribution cut at two standard deviations.
_DEVIATION_OF_CUT = 0.87962566103423978
# From this ratio of rows to columns on, orthogonal values come from a Cholesky form, which is faster.
_TALL = 2


class _Scope(threading.local):
    """What `initial_values` was given last in this thread, and whether `overwritten` surrounds it."""

    def __init__(self):
        self.seed = None
        self.overwritten = False


_scope = _Scope()


@contextlib.contextmanager
def initial_values(seed, name):
    """Context manager: what is made or built inside starts from values that follow from the seed and from names.

    The layers of this package draw by (seed, path of the variable). Layers of Keras or of a user's own draw from the
    generators of Python, NumPy and Keras, which start from (seed, name) inside and resume where they were afterwards:
    such values follow from the seed, the name and the order of the layers inside.

    Args:
        seed: whole number in [0, 2**32).
        name: text that keeps apart what is made with one seed, such as the name of a network.
    """
    before, _scope.seed = _scope.seed, seed
    try:
        with seeded(seed_for(seed, name)):
            yield
    finally:
        _scope.seed = before


@contextlib.contextmanager
def overwritten():
    """Context manager: what is built inside starts from NaN, since a checkpoint overwrites it before it is used.

    Orthogonal values of large networks take 12 CPU seconds to compute. NaN, not 0: values that are used nevertheless
    show.
    """
    before, _scope.overwritten = _scope.overwritten, True
    try:
        yield
    finally:
        _scope.overwritten = before


def initializer(name, path, factor=1.0):
    """Function (shape, dtype) -> initial values of one variable, for Keras' `add_weight`.

    Outside of `initial_values`, as for a layer that is used alone, the seed is drawn from Python's generator, which
    `keras.utils.set_random_seed` sets, as that of Keras' own layers is.

    Args:
        name: key of `INITIALIZERS`.
        path: of the variable, such as "generator/B1/up_conv/kernel".
        factor: that the values are multiplied by.

    Raises:
        KeyError: for an unknown name.
    """
    draw, seed = INITIALIZERS[name], _scope.seed
    if _scope.overwritten:
        return lambda shape, dtype=None: tf.fill(shape, tf.constant(math.nan, dtype or keras.config.floatx()))
    if seed is None:
        seed = random.getrandbits(32)
    # The seed is folded when the values are drawn: Keras builds in graphs, too, but draws outside of them.
    return lambda shape, dtype=None: factor * draw(shape, dtype or keras.config.floatx(), fold(seed, path))


def _normal(shape, dtype, seed, stddev=STDDEV):
    return tf.random.stateless_normal(shape, seed, 0.0, stddev, dtype, alg=ALGORITHM)


def _unit_normal(shape, dtype, seed):
    return _normal(shape, dtype, seed, 1.0)


def _truncated(shape, dtype, seed, stddev=STDDEV):
    return tf.random.stateless_truncated_normal(shape, seed, 0.0, stddev, dtype, alg=ALGORITHM)


def _orthogonal(shape, dtype, seed):
    """The factor Q of a normal matrix, with the signs that make it uniform (Mezzadri 2007, section 5)."""
    rows, columns = math.prod(shape[:-1]), shape[-1]
    tall = (max(rows, columns), min(rows, columns))
    matrix = _unit_normal(tall, dtype, seed)
    q = _factor_by_cholesky(matrix) if tall[0] >= _TALL * tall[1] else _factor_by_reflections(matrix)
    return tf.reshape(q if rows >= columns else tf.transpose(q), shape)


def _factor_by_reflections(matrix):
    q, r = tf.linalg.qr(matrix)
    return q * tf.sign(tf.linalg.diag_part(r))


def _factor_by_cholesky(matrix):
    """The same factor, a matrix times the inverse of R, where R'R is the Cholesky form of its Gram matrix.

    The Gram matrix squares the condition number; that of a normal matrix twice as tall as wide is about 6, so that the
    large products lose no more digits in float32 than the other way does. The small factor is computed in float64.
    """
    lower = tf.linalg.cholesky(tf.cast(tf.linalg.matmul(matrix, matrix, transpose_a=True), tf.float64))
    inverse = tf.linalg.triangular_solve(lower, tf.eye(lower.shape[0], dtype=tf.float64))
    return tf.linalg.matmul(matrix, tf.cast(inverse, matrix.dtype), transpose_b=True)


def _glorot_normal(shape, dtype, seed):
    """Normal values, cut at two standard deviations, of variance 2 / (inputs + outputs) (Glorot & Bengio 2010)."""
    stddev = math.sqrt(2.0 / (math.prod(shape[:-2]) * (shape[-2] + shape[-1])))
    return _truncated(shape, dtype, seed, stddev / _DEVIATION_OF_CUT)


INITIALIZERS = {
    "normal": _normal,
    # Cut at two standard deviations without correcting the variance: the empirical deviation is 0.0176.
    "truncated": _truncated,
    "orthogonal": _orthogonal,
    # Not bindable: class projections of both BigGANs and S3GAN start from "glorot_normal" whatever
    # `weights.initializer` is, and the vectors of spectral norm from "unit_normal".
    "glorot_normal": _glorot_normal,
    "unit_normal": _unit_normal,
}


@configurable("weights", module="compare_gan.architectures.arch_ops")
@dataclasses.dataclass(frozen=True)
class Weights:
    """Initial values of kernels.

    Attributes:
        initializer: "normal" for N(0, 0.02); "truncated" for the same, cut at two standard deviations; "orthogonal"
            (Saxe et al. 2014) with gain 1 on the kernel flattened to [all other dimensions, last dimension].
        stddev: accepted for old files and without effect, as in the original, whose layers always use 0.02.
    """

    initializer: Literal["normal", "truncated", "orthogonal"] = "normal"
    stddev: without_effect(float) = STDDEV
