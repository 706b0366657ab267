"""Heads that classify: AC-GAN (Odena et al. 2017), TAC-GAN (Gong et al. 2019) and ADC-GAN (Hou et al. 2022)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative
from compare_gan2.gans.heads import LinearHead
from compare_gan2.gans.label_heads import LabelHead, Labels
from compare_gan2.gans.regularizers import Term

LIBRARY = "compare_gan2.gans"


@configurable("acgan", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class AuxiliaryClassifier(LabelHead):
    """AC-GAN: D also classifies real and generated images, and G aims at the class of each (Odena et al. 2017).

    Attributes:
        weight_d: weight of the cross entropies in the discriminator's loss.
        weight_g: weight of the cross entropy of generated images in the generator's loss.
        labels: "known" learns from labelled images only, "completed" also from those whose label an S3GAN predicts.
        classify_fakes: whether the discriminator's loss has a term of generated images, as in the paper; False: it has
            none, as in PyTorch-StudioGAN.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [AuxiliaryClassifier()]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    weight_d: NonNegative = 1.0
    weight_g: NonNegative = 1.0
    labels: Labels = "known"
    classify_fakes: bool = True

    @property
    def judges_fakes(self):
        return self.classify_fakes

    def make_layers(self, factory, width, num_classes):
        return {"classifier": LinearHead(factory.dense(num_classes, "class"), name="discriminator_acgan")}

    def outputs_of(self, features, training):
        return self.classifier(features, training=training)

    def terms_of_discriminator(self, real, fake):
        terms = [Term("loss/acgan_real", self.weight_d, cross_entropy(real, real.outputs, real.labels))]
        if fake is not None:
            terms.append(Term("loss/acgan_fake", self.weight_d, cross_entropy(fake, fake.outputs, fake.labels)))
        return terms

    def terms_of_generator(self, fake):
        return [Term("loss/acgan_g", self.weight_g, cross_entropy(fake, fake.outputs, fake.labels))]


@configurable("tac", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class TwinAuxiliaryClassifier(LabelHead):
    """TAC-GAN: a classifier of real images, and a twin of generated ones that G plays against (Gong et al. 2019).

    The twin offsets AC-GAN's preference for images that are easy to classify.

    Attributes:
        weight_d: weight of the cross entropy of real images in the discriminator's loss.
        weight_g: weight of the cross entropy of generated images in the generator's loss.
        weight_twin_d: weight of the twin's cross entropy of generated images in the discriminator's loss.
        weight_twin_g: weight of the same, subtracted from the generator's loss.
        labels: "known" learns from labelled images only, "completed" also from those whose label an S3GAN predicts.
        as_in_studiogan: whether one layer is both classifier and twin, as in PyTorch-StudioGAN.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [TwinAuxiliaryClassifier()]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    weight_d: NonNegative = 1.0
    weight_g: NonNegative = 1.0
    weight_twin_d: NonNegative = 1.0
    weight_twin_g: NonNegative = 1.0
    labels: Labels = "known"
    as_in_studiogan: bool = False

    def make_layers(self, factory, width, num_classes):
        layers = {"classifier": LinearHead(factory.dense(num_classes, "class"), name="discriminator_tac")}
        if not self.as_in_studiogan:
            layers["twin"] = LinearHead(factory.dense(num_classes, "class"), name="discriminator_tac_twin")
        return layers

    def outputs_of(self, features, training):
        """[N, 2, K] class logits: of the classifier, then of its twin."""
        logits = self.classifier(features, training=training)
        return tf.stack([logits, logits if self.as_in_studiogan else self.twin(features, training=training)], 1)

    def terms_of_discriminator(self, real, fake):
        return [
            Term("loss/tac_real", self.weight_d, cross_entropy(real, real.outputs[:, 0], real.labels)),
            Term("loss/tac_twin_d", self.weight_twin_d, cross_entropy(fake, fake.outputs[:, 1], fake.labels)),
        ]

    def terms_of_generator(self, fake):
        return [
            Term("loss/tac_g", self.weight_g, cross_entropy(fake, fake.outputs[:, 0], fake.labels)),
            Term("loss/tac_twin_g", -self.weight_twin_g, cross_entropy(fake, fake.outputs[:, 1], fake.labels)),
        ]


@configurable("adc", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class DiscriminativeClassifier(LabelHead):
    """ADC-GAN: a classifier of 2 K classes, the real and the generated images of each class (Hou et al. 2022).

    The generator aims at the real images of the class.

    Attributes:
        weight_d: weight of the cross entropies of real and of generated images in the discriminator's loss.
        weight_g: weight, in the generator's loss, of the cross entropy of its images as real ones minus that as
            generated ones.
        labels: "known" learns from labelled images only, "completed" also from those whose label an S3GAN predicts.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [DiscriminativeClassifier()]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    weight_d: NonNegative = 1.0
    weight_g: NonNegative = 1.0
    labels: Labels = "known"

    def make_layers(self, factory, width, num_classes):
        return {"classifier": LinearHead(factory.dense(2 * num_classes, "class"), name="discriminator_adc")}

    def outputs_of(self, features, training):
        return self.classifier(features, training=training)

    def terms_of_discriminator(self, real, fake):
        return [
            Term("loss/adc_real", self.weight_d, cross_entropy(real, real.outputs, as_real(real.labels))),
            Term("loss/adc_fake", self.weight_d, cross_entropy(fake, fake.outputs, as_fake(fake.labels))),
        ]

    def terms_of_generator(self, fake):
        wanted = cross_entropy(fake, fake.outputs, as_real(fake.labels))
        unwanted = cross_entropy(fake, fake.outputs, as_fake(fake.labels))
        return [Term("loss/adc_g", self.weight_g, wanted - unwanted)]


def cross_entropy(examples, logits, targets):
    """Mean cross entropy over labelled `Examples` of logits [N, K] and target vectors [N, K]; nats."""
    return examples.mean(-tf.reduce_sum(targets * tf.nn.log_softmax(logits), axis=1))


def as_real(labels):
    """Label vectors [N, K] as targets [N, 2 K] of real images: class y is output 2 y."""
    return _interleaved(labels, tf.zeros_like(labels))


def as_fake(labels):
    """Label vectors [N, K] as targets [N, 2 K] of generated images: class y is output 2 y + 1."""
    return _interleaved(tf.zeros_like(labels), labels)


def _interleaved(even, odd):
    return tf.reshape(tf.stack([even, odd], axis=2), [even.shape[0], 2 * even.shape[1]])
