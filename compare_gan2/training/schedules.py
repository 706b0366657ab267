"""Schedules in images: the burn-in of R3GAN, and the half-life of a moving average.

An image is a real image that the discriminator has seen: each generator step has as many as its discriminator updates
have in their batches, over all replicas.
"""

import dataclasses
import math

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import CountOrZero, Decay, NonNegative, Positive, Share
from compare_gan2.ground.errors import ConfigError


@configurable("burn_in", module="compare_gan2.training")
@dataclasses.dataclass(frozen=True)
class BurnIn:
    """Values that move along half a cosine from those of the start, and stay (R3GAN, Huang et al. 2024, appendix).

    Each starts from the option that has it in runs without burn-in: learning rates, beta2 of Adam, `options.lamba`,
    `ada.p`.

    Attributes:
        images: after which they have moved.
        hold: images before they begin to move.
        lr_factor: final learning rates, as multiples of the first ones.
        beta2: final beta2 of both networks' Adam; None keeps it.
        penalty_factor: final weight of the penalty, as a multiple of the first one.
        ada_p: final probability of `@ada`, which has to have no target; None keeps what it does.

    Example:
        >>> BurnIn(images=1000, lr_factor=0.0).way(500).numpy()
        0.5
    """

    images: Positive = 20e6
    hold: CountOrZero = 0
    lr_factor: NonNegative = 0.25
    beta2: Decay | None = 0.99
    penalty_factor: NonNegative = 0.1
    ada_p: Share | None = None

    def __post_init__(self):
        check_fields(self)
        if not self.images > self.hold:
            raise ConfigError(f"burn_in.images: expected more than burn_in.hold ({self.hold}), got {self.images:g}")

    def way(self, images):
        """float32 scalar from 0 to 1: how far values have moved after so many images."""
        share = (tf.cast(images, tf.float32) - self.hold) / (self.images - self.hold)
        return 0.5 - 0.5 * tf.cos(math.pi * tf.clip_by_value(share, 0.0, 1.0))

    def between(self, start, end, images):
        """float32 scalar after so many images of a value that moves from `start` to `end`."""
        return start + (end - start) * self.way(images)

    def applied(self, optimizer, rate, images_of):
        """The optimizer, its learning rate and beta2 on this schedule.

        Args:
            optimizer: of Keras; one of `training.optimizers.adam` unless beta2 is None.
            rate: its learning rate.
            images_of: function (updates so far) -> images so far.

        Raises:
            ConfigError: for a beta2 with another optimizer.
        """
        if self.beta2 is not None:
            if not hasattr(optimizer, "beta_2_at"):
                raise ConfigError(
                    "burn_in.beta2: expected None with an optimizer other than @tf.train.AdamOptimizer, got "
                    f"{self.beta2}"
                )
            start = optimizer.beta_2
            optimizer.beta_2_at = lambda updates: self.between(start, self.beta2, images_of(updates))
        optimizer.learning_rate = _Rate(self, float(rate), images_of)
        return optimizer


class _Rate(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate of an optimizer after a number of updates, as Keras asks for it."""

    def __init__(self, burn_in, start, images_of):
        self.burn_in = burn_in
        self.start = start
        self.images_of = images_of

    def __call__(self, step):
        return self.burn_in.between(self.start, self.start * self.burn_in.lr_factor, self.images_of(step))

    def get_config(self):
        return {"start": self.start}


@configurable("ema_half_life", module="compare_gan2.training")
@dataclasses.dataclass(frozen=True)
class HalfLife:
    """A moving average in which a weight counts half after a number of images (Karras et al. 2020, StyleGAN2).

    Attributes:
        images: after which a weight counts half.
        ramp_up: the half-life is at most this share of the images so far; None for no such limit.
        burn_in: images over which the half-life rises from 0 to `images` along half a cosine, as in R3GAN; None: it
            has its value from the start.

    Example:
        >>> HalfLife(images=1000, ramp_up=None).rate(0, 1000).numpy()
        0.5
    """

    images: Positive = 500e3
    ramp_up: Positive | None = 0.05
    burn_in: Positive | None = None

    def __post_init__(self):
        check_fields(self)

    def images_now(self, images):
        """float32 scalar: the half-life after so many images."""
        images = tf.cast(images, tf.float32)
        now = tf.constant(self.images, tf.float32)
        if self.burn_in is not None:
            now *= BurnIn(images=self.burn_in).way(images)
        return now if self.ramp_up is None else tf.minimum(now, self.ramp_up * images)

    def rate(self, images, images_per_step):
        """float32 scalar: weight of the new values in the update of a step that begins after so many images."""
        # Not 1 - 0.5 ** x, whose rounding would be a thousandth of it.
        return -tf.math.expm1(-math.log(2.0) * images_per_step / tf.maximum(self.images_now(images), 1e-8))
