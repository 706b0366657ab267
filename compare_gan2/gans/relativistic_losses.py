"""Losses of differences between the logits of real and of fake images (Jolicoeur-Martineau 2018).

They need the logits of real images in the generator's update, too. Averages are those of the batch over all replicas.
"""

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.gans.losses import LOSS_LIB, AdversarialLoss, require_columns


@configurable("rpgan", module=LOSS_LIB)
class RelativisticPairing(AdversarialLoss):
    """Logistic loss of the difference of a real and a fake logit (Jolicoeur-Martineau 2018; R3GAN, Huang et al. 2024).

    Real image i is paired with fake image i. R3GAN gives both the same class: `ModularGAN.fit_label_distribution =
    True`.

    Example:
        >>> float(RelativisticPairing.discriminator(tf.constant([[2.0]]), tf.constant([[2.0]]))[0])
        0.6931472
    """

    relativistic = True

    @classmethod
    def discriminator(cls, real_logits, fake_logits):
        """(loss, None, None) of logits [N, 1]: a pair has one loss, not a term for each image."""
        require_columns(real_logits, fake_logits)
        return tf.reduce_mean(tf.nn.softplus(fake_logits - real_logits)), None, None

    @staticmethod
    def generator_values(fake_logits, real_logits):
        """Loss [N, 1] of each pair."""
        return tf.nn.softplus(real_logits - fake_logits)

    @classmethod
    def generator(cls, fake_logits, real_logits):
        """Generator loss, a scalar, of logits [N, 1] of fake and of real images."""
        return tf.reduce_mean(cls.generator_values(fake_logits, real_logits))


class RelativisticAverage(AdversarialLoss):
    """Base of the losses of the distance from the other images' mean logit; `real` and `fake` take distances [N, 1]."""

    relativistic = True
    over_batch = True

    @classmethod
    def discriminator(cls, real_logits, fake_logits):
        require_columns(real_logits, fake_logits)
        above_fakes, above_reals = _distances(real_logits, fake_logits)
        real, fake = cls.real(above_fakes), cls.fake(above_reals)
        return cls.discriminator_weight * (real + fake), real, fake

    @classmethod
    def generator(cls, fake_logits, real_logits):
        """Generator loss, a scalar, of logits [N, 1] of fake and of real images."""
        above_fakes, above_reals = _distances(real_logits, fake_logits)
        return cls.discriminator_weight * (cls.fake(above_fakes) + cls.real(above_reals))


@configurable("ragan_logistic", module=LOSS_LIB)
class RelativisticAverageLogistic(RelativisticAverage):
    """Cross entropy of the distances from the mean logits (Jolicoeur-Martineau 2018)."""

    @staticmethod
    def real(distances):
        return tf.reduce_mean(tf.nn.softplus(-distances))

    @staticmethod
    def fake(distances):
        return tf.reduce_mean(tf.nn.softplus(distances))


@configurable("ragan_hinge", module=LOSS_LIB)
class RelativisticAverageHinge(RelativisticAverage):
    """Hinge loss of the distances from the mean logits (Jolicoeur-Martineau 2018)."""

    @staticmethod
    def real(distances):
        return tf.reduce_mean(tf.nn.relu(1.0 - distances))

    @staticmethod
    def fake(distances):
        return tf.reduce_mean(tf.nn.relu(1.0 + distances))


@configurable("ragan_hinge_lecam", module=LOSS_LIB)
class RelativisticAverageHingeLeCam(RelativisticAverageHinge):
    """`ragan_hinge` as in google/lecam-gan: halved, and the generator's first term is of the mean real logit alone."""

    discriminator_weight = 0.5

    @classmethod
    def generator(cls, fake_logits, real_logits):
        real_rows, fake_rows = rows_of_all_replicas(real_logits), rows_of_all_replicas(fake_logits)
        of_means = cls.fake(tf.reduce_mean(real_rows) - tf.reduce_mean(fake_rows))
        return cls.discriminator_weight * (of_means + cls.real(fake_rows - tf.reduce_mean(real_rows)))


def _distances(real_logits, fake_logits):
    """(real logits minus the mean fake one, fake logits minus the mean real one), over all replicas."""
    real_rows, fake_rows = rows_of_all_replicas(real_logits), rows_of_all_replicas(fake_logits)
    return real_rows - tf.reduce_mean(fake_rows), fake_rows - tf.reduce_mean(real_rows)
