"""Consistency regularisation: the discriminator judges an image and a changed copy of it alike.

Sources: CR, Zhang et al. 2020; bCR, zCR and both together, ICR, Zhao et al. 2021.
"""

import dataclasses
import math

import tensorflow as tf

from compare_gan2.augmentation.base import Augmentation
from compare_gan2.augmentation.flip_translate import FlipTranslate
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative, Positive
from compare_gan2.gans.batch import concatenate
from compare_gan2.gans.regularizers import Regularizer, Term

LIBRARY = "compare_gan2.gans"


@configurable("cr", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class Consistency(Regularizer):
    """CR: real images and their augmented copies should have equal logits (Zhang et al. 2020).

    Attributes:
        weight: weight of the mean squared difference in the discriminator's loss.
        augment: augmentation of the copies, such as `@diffaugment()`; None: `@flip_translate()`, the paper's.

    Example:
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, regularizers=[Consistency()])
    """

    weight: NonNegative = 10.0
    augment: Augmentation | None = None

    def __post_init__(self):
        super().__post_init__()
        self.augment = self.augment or FlipTranslate()

    def check(self, gan):
        self.augment.require_images(gan.image_shape)

    def discriminator_terms(self, update):
        batch = update.batch
        copies = self.augment(batch.images, batch.moment.uniform, "cr/real")
        judged = update.gan.judge(copies, batch.labels)
        return [Term("loss/cr", self.weight, distance(update.real.logits, judged.logits))]


@configurable("bcr", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class BalancedConsistency(Regularizer):
    """bCR: as `cr`, for real and for fake images (Zhao et al. 2021).

    Attributes:
        weight_real: weight of the mean squared difference for real images in the discriminator's loss.
        weight_fake: the same for fakes.
        augment: augmentation of the copies, such as `@diffaugment()`; None: `@flip_translate()`, the paper's.

    Example:
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, regularizers=[BalancedConsistency()])
    """

    excludes = ("cr",)

    weight_real: NonNegative = 10.0
    weight_fake: NonNegative = 10.0
    augment: Augmentation | None = None

    def __post_init__(self):
        super().__post_init__()
        self.augment = self.augment or FlipTranslate()

    def check(self, gan):
        self.augment.require_images(gan.image_shape)

    def discriminator_terms(self, update):
        batch = update.batch
        real = self.augment(batch.images, batch.moment.uniform, "bcr/real")
        fake = self.augment(update.fake_images, batch.moment.uniform, "bcr/fake")
        of_real, of_fake = _logits(update.gan, (real, batch.labels), (fake, batch.sampled_labels))
        return [
            Term("loss/bcr_real", self.weight_real, distance(update.real.logits, of_real)),
            Term("loss/bcr_fake", self.weight_fake, distance(update.fake.logits, of_fake)),
        ]


@configurable("zcr", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class LatentConsistency(Regularizer):
    """zCR: nearby latents should have equal logits, by D's loss, and different images, by G's (Zhao et al. 2021).

    The generator's term keeps it from ignoring small changes of the latents.

    Attributes:
        weight_d: weight of the mean squared difference of logits in the discriminator's loss.
        weight_g: weight of the mean squared difference of images, subtracted from the generator's loss.
        noise: standard deviation of the normal noise that is added to the latents.

    Example:
        >>> gan = ModularGAN(generator, discriminator, regularizers=[BalancedConsistency(), LatentConsistency()])
    """

    reads_latents = True

    weight_d: NonNegative = 5.0
    weight_g: NonNegative = 0.5
    noise: Positive = 0.05

    def discriminator_terms(self, update):
        if not self.weight_d:
            return []
        images = tf.stop_gradient(self._generated(update))
        judged = update.gan.judge(images, update.batch.sampled_labels)
        return [Term("loss/zcr_d", self.weight_d, distance(update.fake.logits, judged.logits))]

    def generator_terms(self, update):
        if not self.weight_g:
            return []
        return [Term("loss/zcr_g", -self.weight_g, distance(update.fake_images, self._generated(update)))]

    def _generated(self, update):
        """Images of the batch's latents with noise."""
        latents = update.batch.latents
        draws = update.batch.moment.uniform(latents.shape, "zcr")
        noise = self.noise * math.sqrt(2.0) * tf.math.erfinv(2.0 * draws - 1.0)
        images = update.gan.generate(update.batch._replace(latents=latents + noise))
        return update.gan.sees.fakes(images, update.batch.moment.uniform)  # with the draws of the fakes


def _logits(gan, *parts):
    """List of the logits for each part (images, labels): of one call, unless that would compare them."""
    if getattr(gan.discriminator, "compares_examples", False):
        return [gan.judge(images, labels).logits for images, labels in parts]
    return tf.split(gan.judge(*concatenate(parts)).logits, [images.shape[0] for images, _ in parts])


def distance(first, second):
    """Mean over all elements of the squared difference of two tensors; gradients flow into both."""
    return tf.reduce_mean(tf.square(first - second))
