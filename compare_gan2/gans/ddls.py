"""Discriminator-driven latent sampling, DDLS: Langevin dynamics of latents (Che et al. 2020, section 3)."""

import dataclasses
import math

import tensorflow as tf

from compare_gan2.config.matching import check_values
from compare_gan2.config.ranges import Count, InnerShare, NonNegative, Positive


@dataclasses.dataclass(frozen=True)
class DDLS:
    """Steps of latents along the energy whose images would be real ones if the discriminator were the best possible.

    The energy of a latent is minus the logarithm of its density, minus the logit of its image. A step follows its
    gradient by half the rate and adds normal noise of the rate as its variance.

    Attributes:
        steps: number of steps.
        rate: of the first step.
        noise: variance of the noise, as a multiple of the rate; 1 in the paper. Less gives likelier images.
        decay: what the rate is multiplied by after each `decay_steps` steps; None for no decay.
        decay_steps: steps with one rate.
        as_in_studiogan: as PyTorch-StudioGAN has it, the decay multiplies the noise once more.

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
        """(energies [N], their gradient [N, z_dim]) of latents [N, z_dim], normal with a deviation.

        Args:
            latents: float32 [N, z_dim].
            logits_of: function (latents) -> logits [N, 1], positive for real.
            stddev: of the latents in training.
        """
        size = latents.shape[1]
        constant = size * (0.5 * math.log(2.0 * math.pi) + math.log(stddev))
        with tf.GradientTape() as tape:
            tape.watch(latents)
            squares = tf.reduce_sum(tf.square(latents), axis=1) / (2.0 * stddev**2)
            energy = squares + constant - tf.cast(logits_of(latents)[:, 0], tf.float32)
        return energy, tape.gradient(energy, latents)

    def after_step(self, latents, logits_of, noise, rate, deviation, stddev=1.0):
        """Latents [N, z_dim] after a step; `noise` [N, z_dim] is normal, rate and deviation are of `schedule`."""
        _, slope = self.energy(latents, logits_of, stddev)
        return latents - 0.5 * rate * slope + deviation * noise

    def schedule(self, step):
        """(rate, standard deviation of the noise) of the step of a number from 0 on, floats."""
        decayed = 1.0 if self.decay is None else self.decay ** (step // self.decay_steps)
        rate = self.rate * decayed
        return rate, math.sqrt(rate * self.noise) * (decayed if self.as_in_studiogan else 1.0)
