"""Latent optimisation in training: latents move to where the logit is larger (LOGAN, Wu et al. 2019)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable, selector
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import NonNegative, Positive, Share
from compare_gan2.ground.errors import ConfigError


@configurable("latent_optimization", module="compare_gan2.gans")
@dataclasses.dataclass(frozen=True)
class LatentOptimization:
    """One step of latents along the gradient of the discriminator's logit, before fakes are generated from them.

    Gradients of both players flow through the step, so that they contain second derivatives. Sampling and scoring
    generate from latents as drawn.

    Attributes:
        alpha: size of the step.
        beta: damping of the natural gradient: the gradient is divided by its squared norm plus this.
        natural: whether the step follows the natural gradient; False: it is `alpha` times the gradient.
        share: share of the examples whose latents move.
        weight: weight of the mean squared length of the steps in both losses.
        bound: latents are clipped to [-bound, bound] after the step; None: no clipping. The paper's are uniform.

    Example:
        >>> moved, cost = LatentOptimization().moved(latents, logits_of_latents, draws)
    """

    alpha: Positive = 0.9
    beta: Positive = 0.1
    natural: bool = True
    share: Share = 0.8
    weight: NonNegative = 0.1
    bound: Positive | None = 1.0

    def __post_init__(self):
        check_fields(self)

    def moved(self, latents, logits_of, draws):
        """(latents [N, z_dim] after the step, mean squared length of the steps of all examples, moved or not).

        Args:
            latents: float32 [N, z_dim].
            logits_of: function (latents) -> logits [N, 1].
            draws: [N, 1] from [0, 1), by which examples are chosen.
        """
        with tf.GradientTape() as tape:
            tape.watch(latents)
            total = tf.reduce_sum(logits_of(latents))
        step = self.step_along(tape.gradient(total, latents))
        moved = latents + tf.cast(draws > 1.0 - self.share, latents.dtype) * step
        if self.bound is not None:
            moved = tf.clip_by_value(moved, -self.bound, self.bound)
        return moved, tf.reduce_mean(tf.reduce_sum(tf.square(step), axis=1))

    def step_along(self, gradient):
        """The step [N, z_dim] of each example for the gradients [N, z_dim] of its logit."""
        if not self.natural:
            return self.alpha * gradient
        return self.alpha * gradient / (self.beta + tf.reduce_sum(tf.square(gradient), axis=1, keepdims=True))

    def check(self, gan):
        """Raises a `ConfigError` for a GAN whose fakes cannot be generated from moved latents."""
        if not getattr(gan, "adversarial", True):
            raise ConfigError(
                "ModularGAN.latent_optimization: expected None with SSGAN.self_supervision = 'rotation_only', whose "
                "logits nothing trains, got @latent_optimization()"
            )
        if gan.joint_generation:
            raise ConfigError(
                "ModularGAN.latent_optimization: expected None with ModularGAN.experimental_joint_gen_for_disc = True, "
                "which makes all fakes before the first update, got @latent_optimization()"
            )
        for regularizer in gan.regularizers:
            if regularizer.reads_latents:
                raise ConfigError(
                    f"ModularGAN.latent_optimization: expected None with @{selector(type(regularizer))}(), which "
                    "compares fakes with those of nearby latents, got @latent_optimization()"
                )

    def check_latents(self, latents):
        """Raises a `ConfigError` for training latents (`Latents`) whose distribution the clipping would change."""
        if self.bound is None:
            return
        ends = latents.interval
        if ends is None or max(map(abs, ends)) > self.bound:
            raise ConfigError(
                f"latent_optimization.bound: expected None, or latents that are drawn from [-{self.bound:g}, "
                f"{self.bound:g}], such as z.distribution_fn = @tf.random.uniform, got z = {latents.description}"
            )
