"""Adversarial losses, as functions of logits [N, 1]; every value is a mean over the batch.

Sources: non-saturating, Goodfellow et al. 2014; Wasserstein, Arjovsky et al. 2017; least squares, Mao et al. 2017;
hinge, Lim & Ye 2017 and Miyato et al. 2018.
"""

import dataclasses

import tensorflow as tf

from compare_gan2.configuration import configurable

LOSS_LIB = "compare_gan.gans.loss_lib"


class AdversarialLoss:
    """Base: subclasses give the terms for real and fake logits, and the generator's."""

    discriminator_weight = 1.0

    @classmethod
    def discriminator(cls, real_logits, fake_logits):
        """(discriminator loss, its real term, its fake term)."""
        _require_columns(real_logits, fake_logits)
        real, fake = cls.real(real_logits), cls.fake(fake_logits)
        return cls.discriminator_weight * (real + fake), real, fake


@configurable("non_saturating", module=LOSS_LIB)
class NonSaturating(AdversarialLoss):
    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.nn.softplus(-logits))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.nn.softplus(logits))

    @staticmethod
    def generator(logits):
        return tf.reduce_mean(tf.nn.softplus(-logits))


@configurable("wasserstein", module=LOSS_LIB)
class Wasserstein(AdversarialLoss):
    @staticmethod
    def real(logits):
        return -tf.reduce_mean(logits)

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(logits)

    @staticmethod
    def generator(logits):
        return -tf.reduce_mean(logits)


@configurable("least_squares", module=LOSS_LIB)
class LeastSquares(AdversarialLoss):
    """On probabilities, not on logits, as in the original."""

    discriminator_weight = 0.5

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.square(tf.sigmoid(logits) - 1.0))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.square(tf.sigmoid(logits)))

    @staticmethod
    def generator(logits):
        return 0.5 * tf.reduce_mean(tf.square(tf.sigmoid(logits) - 1.0))


@configurable("hinge", module=LOSS_LIB)
class Hinge(AdversarialLoss):
    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.nn.relu(1.0 - logits))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.nn.relu(1.0 + logits))

    @staticmethod
    def generator(logits):
        return -tf.reduce_mean(logits)


@configurable("loss", module=LOSS_LIB)
@dataclasses.dataclass(frozen=True)
class Loss:
    """The choice of loss.

    Attributes:
        fn: `@non_saturating`, `@wasserstein`, `@least_squares` or `@hinge`.
    """

    fn: type[AdversarialLoss] = NonSaturating


def _require_columns(*logits):
    for values in logits:
        if values.shape.rank != 2 or values.shape[1] != 1:
            raise ValueError(f"losses take logits of shape [N, 1], got {values.shape}")
