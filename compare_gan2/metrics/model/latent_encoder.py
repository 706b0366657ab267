"""A variational encoder e(z|x): from images to a distribution of the latents, beside their prior p(z)."""

import dataclasses
import math

import keras
import tensorflow as tf

from compare_gan2.datasets.truncated_latents import TruncatedLatents, family
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
            layers.LeakyReLU(0.2),
            layers.Conv2D(128, 4, strides=2, kernel_initializer=weights(1)),
            layers.LeakyReLU(0.2),
            layers.Flatten(),
            layers.Dense(1024, kernel_initializer=weights(2)),
            layers.LeakyReLU(0.2),
            layers.Dense(2 * z_dim, kernel_initializer=weights(3)),
            layers.Reshape([z_dim, 2]),
        ]
    )


def prior_of(distribution):
    """`NormalPrior` or `UniformPrior` of `Latents` or `TruncatedLatents`.

    Raises:
        ValueError: for another distribution.
    """
    bound = None
    if isinstance(distribution, TruncatedLatents):
        bound, distribution = distribution.bound, distribution.latents
    name = family(distribution)
    if name == "uniform":
        return UniformPrior(distribution.minval, distribution.maxval)
    if name not in ("normal", "truncated_normal"):
        raise ValueError(f"gilbo: expected normal or uniform latents, the model has {distribution.description}")
    mean = getattr(distribution.distribution_fn, "keywords", {}).get("mean", 0.0)
    return NormalPrior(mean, distribution.stddev, 2.0 if name == "truncated_normal" else bound)


@dataclasses.dataclass(frozen=True)
class NormalPrior:
    """Independent normal latents, and an encoder of independent normal distributions.

    Attributes:
        mean, stddev: of each latent.
        bound: in deviations, beyond which nothing is drawn; None: it is not cut.
    """

    mean: float
    stddev: float
    bound: float | None = None

    def log_ratio(self, latents, parameters):
        """float64 [N]: log e(z|x) - log p(z).

        Args:
            latents: [N, z_dim].
            parameters: [N, z_dim, 2], of the encoder; zeros give the normal prior itself.
        """
        standard = (tf.cast(latents, tf.float64) - self.mean) / self.stddev
        centre, width = tf.unstack(tf.cast(parameters, tf.float64), axis=-1)
        width = tf.nn.softplus(width + math.log(math.e - 1.0)) + 1e-6  # 1 at 0
        # A cut distribution has more density inside, by the share that lay inside.
        cut = 0.0 if self.bound is None else math.log(math.erf(self.bound / math.sqrt(2.0)))
        each = 0.5 * standard**2 - 0.5 * ((standard - centre) / width) ** 2 - tf.math.log(width) + cut
        return tf.reduce_sum(each, axis=1)


@dataclasses.dataclass(frozen=True)
class UniformPrior:
    """Independent uniform latents, and an encoder of independent beta distributions over the interval.

    Attributes:
        low, high: ends of the interval.
    """

    low: float
    high: float

    def log_ratio(self, latents, parameters):
        """float64 [N]; see `NormalPrior.log_ratio`. Concentrations: 1 + softplus(parameter - 5), as in compare_gan."""
        inside = (tf.cast(latents, tf.float64) - self.low) / (self.high - self.low)
        inside = tf.clip_by_value(inside, _EDGE, 1.0 - _EDGE)
        left, right = tf.unstack(tf.nn.softplus(tf.cast(parameters, tf.float64) - 5.0), axis=-1)
        log_beta = tf.math.lgamma(1.0 + left) + tf.math.lgamma(1.0 + right) - tf.math.lgamma(2.0 + left + right)
        return tf.reduce_sum(left * tf.math.log(inside) + right * tf.math.log1p(-inside) - log_beta, axis=1)
