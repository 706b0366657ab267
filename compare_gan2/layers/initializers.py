"""Initialisers of kernels by the name that `weights.initializer` binds."""

import dataclasses
from typing import Literal

import keras

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import without_effect

STDDEV = 0.02

INITIALIZERS = {
    "normal": lambda: keras.initializers.RandomNormal(stddev=STDDEV),
    # Cut at two standard deviations without correcting the variance: the empirical deviation is 0.0176.
    "truncated": lambda: keras.initializers.TruncatedNormal(stddev=STDDEV),
    "orthogonal": lambda: keras.initializers.Orthogonal(),
    # Not bindable: class projections of both BigGANs and S3GAN start from it whatever `weights.initializer` is.
    "glorot_normal": lambda: keras.initializers.GlorotNormal(),
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


def kernel_initializer(name):
    """New Keras initialiser for a key of `INITIALIZERS`; one object per kernel, so that equal shapes start unequal.

    Raises:
        KeyError: for an unknown name.
    """
    return INITIALIZERS[name]()
