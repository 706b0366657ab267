"""Kernel initialisers by the name that `weights.initializer` binds."""

import dataclasses
from typing import Literal

import keras

from compare_gan2.configuration import configurable

STDDEV = 0.02

INITIALIZERS = {
    "normal": lambda: keras.initializers.RandomNormal(stddev=STDDEV),
    # Cut at two standard deviations without correcting the variance: the empirical deviation is 0.0176.
    "truncated": lambda: keras.initializers.TruncatedNormal(stddev=STDDEV),
    "orthogonal": lambda: keras.initializers.Orthogonal(),
    # Not offered to gin: what both BigGANs and S3GAN use for class projections whatever gin says.
    "glorot_normal": lambda: keras.initializers.GlorotNormal(),
}


@configurable("weights", module="compare_gan.architectures.arch_ops")
@dataclasses.dataclass(frozen=True)
class Weights:
    """How kernels start.

    Attributes:
        initializer: "normal" N(0, 0.02), "truncated" (the same, cut at two deviations) or "orthogonal" (gain 1, on the
            kernel flattened to [everything else, last dimension]).
        stddev: accepted for old files and without effect, as in the original, whose layers always pass 0.02.
    """

    initializer: Literal["normal", "truncated", "orthogonal"] = "normal"
    stddev: float = STDDEV


def kernel_initializer(name):
    """Keras initialiser for a name in `INITIALIZERS`; a new object each time, so that equal layers start unequal."""
    return INITIALIZERS[name]()
