"""A variational encoder e(z|x): from images to a distribution of the latents, beside their prior p(z)."""

import dataclasses
import math

import keras
import tensorflow as tf

from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.ground.seeds import seed_for

SMALLEST_SIDE = 10  # of images; two convolutions of 4 x 4 with stride 2 and no padding
_EDGE = 2.0**-24  # latents are moved this far into their interval, since densities of beta distributions end there


def encoder(image_shape, z_dim, seed):
    """Keras network: images [N, H, W, C] -> [N, z_dim, 2] parameters, for `prior_of(...).log_ratio`.

    The layers are those of the regressor of compare_gan's GILBO.

    Args:
        image_shape: (height, width, channels), sides of at least `SMALLEST_SIDE`.
        z_dim: size of the latents.
        seed: of its weights.
    """
    layers = keras.layers

    def weights(number):
        return keras.initializers.GlorotUniform(seed=seed_for(seed, f"gilbo: encoder {number}"))

    return keras.Sequential(
        [
            keras.Input(image_shape),
            layers.Conv2D(64, 4, strides=2, kernel_initializer=weights(0)),
            layers.Activation(_leaky_relu),
            layers.Conv2D(128, 4, strides=2, kernel_initializer=weights(1)),
            layers.Activation(_leaky_relu),
            layers.Flatten(),
            layers.Dense(1024, kernel_initializer=weights(2)),
            layers.Activation(_leaky_relu),
            layers.Dense(2 * z_dim, kernel_initializer=weights(3)),
            layers.Reshape([z_dim, 2]),
        ]
    )


def _leaky_relu(values):
    # Not Keras' layer, about whose gradient TensorFlow's optimizer of graphs writes errors that mean nothing.
    return tf.maximum(values, 0.2 * values)


def prior_of(distribution):
    """`NormalPrior` or `IntervalPrior` of `Latents` or `TruncatedLatents`.

    Raises:
        ValueError: for another distribution.
    """
    bound = None
    if isinstance(distribution, TruncatedLatents):
        bound, distribution = distribution.bound, distribution.latents
    name = distribution.family
    if name == "uniform":
        return IntervalPrior(distribution.minval, distribution.maxval)
    if name not in ("normal", "truncated_normal"):
        raise ValueError(f"gilbo: expected normal or uniform latents, the model has {distribution.description}")
    mean = distribution.mean
    normal, bound = NormalPrior(mean, distribution.stddev), 2.0 if name == "truncated_normal" else bound
    if bound is None:
        return normal
    return IntervalPrior(mean - bound * normal.stddev, mean + bound * normal.stddev, normal)


@dataclasses.dataclass(frozen=True)
class NormalPrior:
    """Independent normal latents, and an encoder of independent normal distributions.

    Attributes:
        mean, stddev: of each latent.
    """

    mean: float
    stddev: float

    def log_ratio(self, latents, parameters):
        """float64 [N]: log e(z|x) - log p(z).

        Args:
            latents: [N, z_dim].
            parameters: [N, z_dim, 2], of the encoder; zeros give the prior itself.
        """
        standard = (tf.cast(latents, tf.float64) - self.mean) / self.stddev
        centre, width = tf.unstack(tf.cast(parameters, tf.float64), axis=-1)
        width = tf.nn.softplus(width + math.log(math.e - 1.0)) + 1e-6  # 1 at 0
        each = 0.5 * standard**2 - 0.5 * ((standard - centre) / width) ** 2 - tf.math.log(width)
        return tf.reduce_sum(each, axis=1)

    def log_density(self, latents):
        """float64, shaped as the latents: logarithm of the density of each."""
        standard = (tf.cast(latents, tf.float64) - self.mean) / self.stddev
        return -0.5 * standard**2 - math.log(self.stddev) - 0.5 * math.log(2.0 * math.pi)


@dataclasses.dataclass(frozen=True)
class IntervalPrior:
    """Independent latents of an interval, and an encoder of independent beta distributions over it.

    Attributes:
        low, high: ends of the interval.
        cut: `NormalPrior` that is cut at the ends; None: latents are uniform.
    """

    low: float
    high: float
    cut: NormalPrior | None = None

    def log_ratio(self, latents, parameters):
        """float64 [N]; see `NormalPrior.log_ratio`. Concentrations: 1 + softplus(parameter - 5), as in compare_gan."""
        latents = tf.cast(latents, tf.float64)
        inside = tf.clip_by_value((latents - self.low) / (self.high - self.low), _EDGE, 1.0 - _EDGE)
        left, right = tf.unstack(tf.nn.softplus(tf.cast(parameters, tf.float64) - 5.0), axis=-1)
        log_beta = tf.math.lgamma(1.0 + left) + tf.math.lgamma(1.0 + right) - tf.math.lgamma(2.0 + left + right)
        each = left * tf.math.log(inside) + right * tf.math.log1p(-inside) - log_beta
        return tf.reduce_sum(each - self._log_density(latents) - math.log(self.high - self.low), axis=1)

    def _log_density(self, latents):
        if self.cut is None:
            return -math.log(self.high - self.low)
        # A cut distribution has more density inside, by the share that lay inside.
        bound = 0.5 * (self.high - self.low) / self.cut.stddev
        return self.cut.log_density(latents) - math.log(math.erf(bound / math.sqrt(2.0)))
