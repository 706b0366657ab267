"""Adversarial losses, as functions of logits [N, 1]; every value is a mean over the batch.

Sources: non-saturating, Goodfellow et al. 2014; Wasserstein, Arjovsky et al. 2017; least squares, Mao et al. 2017;
hinge, Lim & Ye 2017 and Miyato et al. 2018. Losses of differences of logits are in `relativistic_losses`.

Example:
    >>> loss, real_term, fake_term = hinge.discriminator(tf.constant([[2.0]]), tf.constant([[0.5]]))
    >>> float(loss), float(hinge.generator(tf.constant([[0.5]])))
    (1.5, -0.5)
"""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.gans.top_k import TopK

LOSS_LIB = "compare_gan.gans.loss_lib"


class AdversarialLoss:
    """Base of the losses; a subclass defines `real` and `fake`, functions from logits [N, 1] to a scalar.

    For the generator it defines `generator_values`, from logits [N, 1] to a loss of each example, whose mean is
    `generator`; or `generator` alone, from logits to a scalar.

    Attributes:
        discriminator_weight: factor of the sum of the real and the fake term.
        relativistic: whether the generator's loss takes the logits of real images as a second argument.
        over_batch: whether the loss of an example depends on the others, so that a batch cannot be cut in parts.
    """

    discriminator_weight = 1.0
    relativistic = False
    over_batch = False
    generator_values = None

    @classmethod
    def discriminator(cls, real_logits, fake_logits):
        """(discriminator loss, its real term, its fake term), scalars, of logits [N, 1] for real and for fake images.

        Raises:
            ValueError: for logits of another shape.
        """
        require_columns(real_logits, fake_logits)
        real, fake = cls.real(real_logits), cls.fake(fake_logits)
        return cls.discriminator_weight * (real + fake), real, fake

    @classmethod
    def generator(cls, logits):
        """Generator loss, a scalar, of logits [N, 1] for fake images."""
        return tf.reduce_mean(cls.generator_values(logits))


@configurable("non_saturating", module=LOSS_LIB)
class NonSaturating(AdversarialLoss):
    """Cross entropy of real and fake; the generator maximises the probability of real (Goodfellow et al. 2014)."""

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.nn.softplus(-logits))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.nn.softplus(logits))

    @staticmethod
    def generator_values(logits):
        return tf.nn.softplus(-logits)


@configurable("wasserstein", module=LOSS_LIB)
class Wasserstein(AdversarialLoss):
    """Difference of the mean logits of real and fake images (Arjovsky et al. 2017)."""

    @staticmethod
    def real(logits):
        return -tf.reduce_mean(logits)

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(logits)

    @staticmethod
    def generator_values(logits):
        return -logits


@configurable("least_squares", module=LOSS_LIB)
class LeastSquares(AdversarialLoss):
    """Squared distance from 1 and 0 (Mao et al. 2017) of probabilities, not of logits, as in the original."""

    discriminator_weight = 0.5

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.square(tf.sigmoid(logits) - 1.0))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.square(tf.sigmoid(logits)))

    @staticmethod
    def generator_values(logits):
        return 0.5 * tf.square(tf.sigmoid(logits) - 1.0)


@configurable("least_squares_of_logits", module=LOSS_LIB)
class LeastSquaresOfLogits(AdversarialLoss):
    """Half the squared distance of logits from 1 for real and 0 for fake images (Mao et al. 2017)."""

    discriminator_weight = 0.5

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.square(logits - 1.0))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.square(logits))

    @staticmethod
    def generator_values(logits):
        return 0.5 * tf.square(logits - 1.0)


@configurable("least_squares_lecam", module=LOSS_LIB)
class LeastSquaresLeCam(AdversarialLoss):
    """Least squares as in google/lecam-gan: real logits aim at -1, fake ones at 1, the generator at 0; no factor 1/2.

    With these signs the discriminator's logits are negative for real images, also where samples are judged.
    """

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.square(logits + 1.0))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.square(logits - 1.0))

    @staticmethod
    def generator_values(logits):
        return tf.square(logits)


@configurable("hinge", module=LOSS_LIB)
class Hinge(AdversarialLoss):
    """Hinge loss with margin 1; the generator maximises the logits of fakes (Lim & Ye 2017; Miyato et al. 2018)."""

    @staticmethod
    def real(logits):
        return tf.reduce_mean(tf.nn.relu(1.0 - logits))

    @staticmethod
    def fake(logits):
        return tf.reduce_mean(tf.nn.relu(1.0 + logits))

    @staticmethod
    def generator_values(logits):
        return -logits


non_saturating, wasserstein, least_squares, hinge = NonSaturating, Wasserstein, LeastSquares, Hinge  # as in gin


@configurable("loss", module=LOSS_LIB)
@dataclasses.dataclass(frozen=True)
class Loss:
    """The choice of loss.

    Attributes:
        fn: a loss, such as `@non_saturating` (also known as logistic), `@hinge` or `@rpgan`.
        top_k: `@topk()`: only the fakes with the largest logits count for the generator; None: all of them.
    """

    fn: type[AdversarialLoss] = NonSaturating
    top_k: TopK | None = None


def require_columns(*logits):
    """Raises a `ValueError` for logits of another shape than [N, 1]."""
    for values in logits:
        if values.shape.rank != 2 or values.shape[1] != 1:
            raise ValueError(f"losses take logits of shape [N, 1], got {values.shape}")
