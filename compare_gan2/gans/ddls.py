"""Discriminator-driven latent sampling, DDLS: Langevin dynamics of latents (Che et al. 2020, section 3)."""

import dataclasses
import math

import tensorflow as tf

from compare_gan2.config.matching import check_values
from compare_gan2.config.ranges import Count, InnerShare, NonNegative, Positive


@dataclasses.dataclass(frozen=True)
class DDLS:
    """Langevin steps down an energy of latents; with an optimal discriminator they sample real images.

    The energy of a latent is minus the logarithm of its density, minus the logit of its image. A step moves by half the
    rate against the gradient and adds normal noise of variance rate * noise.

    Attributes:
        steps: number of steps.
        rate: rate of the first step.
        noise: variance of the noise as a multiple of the rate; 1 in the paper. Less gives likelier images.
        decay: factor of the rate after each `decay_steps` steps; None for no decay.
        decay_steps: number of steps at one rate.
        as_in_studiogan: whether the decay multiplies the noise once more, as in PyTorch-StudioGAN.

    Raises:
        ConfigError: for values of other types or ranges.

    Example:
        >>> images = model.sample(16, ddls=DDLS(steps=100))
    """

    steps: Count = 100
    rate: Positive = 0.01
    noise: NonNegative = 1.0
    decay: InnerShare | None = None
    decay_steps: Count = 200
    as_in_studiogan: bool = False

    def __post_init__(self):
        check_values(self, "ddls")

    def energy(self, latents, logits_of, stddev=1.0):
        """(energies [N], their gradients [N, z_dim]) of latents [N, z_dim] under a normal density.

        Args:
            latents: float32 [N, z_dim].
            logits_of: function (latents) -> logits [N, 1], positive for real.
            stddev: standard deviation of the latents in training.
        """
        size = latents.shape[1]
        constant = size * (0.5 * math.log(2.0 * math.pi) + math.log(stddev))
        with tf.GradientTape() as tape:
            tape.watch(latents)
            squares = tf.reduce_sum(tf.square(latents), axis=1) / (2.0 * stddev**2)
            energy = squares + constant - tf.cast(logits_of(latents)[:, 0], tf.float32)
        return energy, tape.gradient(energy, latents)

    def after_step(self, latents, logits_of, noise, rate, deviation, stddev=1.0):
        """Latents [N, z_dim] after a step; `noise` is standard normal [N, z_dim], the others are of `schedule`."""
        _, slope = self.energy(latents, logits_of, stddev)
        return latents - 0.5 * rate * slope + deviation * noise

    def schedule(self, step):
        """(rate, standard deviation of the noise), floats, of step 0, 1, ..."""
        decayed = 1.0 if self.decay is None else self.decay ** (step // self.decay_steps)
        rate = self.rate * decayed
        return rate, math.sqrt(rate * self.noise) * (decayed if self.as_in_studiogan else 1.0)
