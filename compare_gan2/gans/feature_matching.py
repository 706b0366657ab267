"""Feature matching: the generator imitates the mean features of real images (Salimans et al. 2016, section 3.1)."""

import dataclasses
from typing import Literal

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.gans.regularizers import Regularizer, Term


@configurable("feature_matching", module="compare_gan2.gans")
@dataclasses.dataclass(eq=False)
class FeatureMatching(Regularizer):
    """Distance between the mean features of real and of fake images, in the generator's loss (Salimans et al. 2016).

    Features are those of the discriminator, see `DiscriminatorOutput`; means are over the batch of all replicas.

    Attributes:
        weight: weight of the distance.
        distance: "squared_l2" as in the paper, or "l1" per feature as in PyTorch-StudioGAN.
        with_adversarial: whether the distance is added to the generator's adversarial loss, as in PyTorch-StudioGAN; in
            the paper it replaces that loss.

    Example:
        >>> gan = ModularGAN(generator, discriminator, regularizers=[FeatureMatching(with_adversarial=True)])
    """

    over_batch = True
    needs_real = True

    weight: NonNegative = 1.0
    distance: Literal["squared_l2", "l1"] = "squared_l2"
    with_adversarial: bool = False

    @property
    def replaces_adversarial(self):
        return not self.with_adversarial

    def generator_terms(self, update):
        value = self.between(update.real.features, update.fake.features)
        return [Term("loss/feature_matching", self.weight, value)]

    def between(self, real_features, fake_features):
        """Scalar distance of features [N, ...] of real and of fake images."""
        real, fake = (
            tf.reduce_mean(rows_of_all_replicas(tf.cast(tf.reshape(f, [f.shape[0], -1]), tf.float32)), axis=0)
            for f in (real_features, fake_features)
        )
        if self.distance == "l1":
            return tf.reduce_mean(tf.abs(fake - real))
        return tf.reduce_sum(tf.square(fake - real))
