"""Latents within some deviations of the normal distribution: the truncation trick by resampling."""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.latents import Latents
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import ALGORITHM


@dataclasses.dataclass(frozen=True)
class TruncatedLatents:
    """Normal latents whose values beyond `bound` standard deviations are drawn again; called as `Latents` are.

    Brock et al. 2019, https://arxiv.org/abs/1809.11096, section 3.1. The published TF-Hub modules of BigGAN take
    another number: a factor on latents cut at two deviations.

    Attributes:
        latents: `Latents`, a normal distribution.
        bound: in standard deviations, above 0.

    Raises:
        ConfigError: for a bound that is not above 0, or latents that are not normal.
    """

    latents: Latents
    bound: float

    def __post_init__(self):
        if isinstance(self.bound, bool) or not isinstance(self.bound, (int, float, np.number)) or not self.bound > 0:
            raise ConfigError(f"--truncation: expected numbers above 0, got {self.bound!r}")
        if not self.latents.is_normal:
            raise ConfigError(
                "--truncation: expected a model with normal latents of mean 0, this one has "
                f"{self.latents.description}; values of others have no deviation beyond which they are drawn again"
            )

    def __call__(self, shape, seed):
        # By the inverse of the distribution function within the bounds, which equals drawing again.
        beyond = 0.5 * math.erfc(self.bound / math.sqrt(2.0))
        drawn = tf.random.stateless_uniform(shape, seed, dtype=tf.float64, alg=ALGORITHM)
        return tf.cast(tf.math.ndtri(beyond + (1.0 - 2.0 * beyond) * drawn) * self.latents.stddev, tf.float32)

    @property
    def description(self):
        """The distribution in words, for the protocol of scores."""
        return f"{self.latents.description} resampled within {self.bound:g} deviation{'s' * (self.bound != 1)}"
