"""Heads that own the logits: they add a class term to the logit of the network.

The term is an inner product of class embedding and features, as with `S3GAN.project_y` and a network's `project_y`; a
discriminator has one of these. Labels are completed where an S3GAN predicts them.
"""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable, selector
from compare_gan2.config.ranges import NonNegative
from compare_gan2.gans.discriminator_calls import Judged
from compare_gan2.gans.label_heads import LabelHead, examples, flat, one_class
from compare_gan2.gans.losses import Hinge
from compare_gan2.ground.errors import ConfigError

LIBRARY = "compare_gan2.gans"


class LogitsHead(LabelHead):
    """Base of the heads that own the logits.

    Attributes:
        name: name of the head in its variables.
        replaces_loss: whether the head computes the adversarial loss of both players.
    """

    owns_logits = True
    name = None
    replaces_loss = False

    def check(self, gan):
        super().check(gan)
        name = f"@{selector(type(self))}()"
        if not getattr(gan, "adversarial", True):
            raise ConfigError(
                f"ModularGAN.label_heads: {name} owns the logits, which SSGAN.self_supervision = 'rotation_only' does "
                "not train; bind ModularGAN.label_heads = []"
            )
        of_network = f"{selector(type(gan.discriminator))}.project_y"
        for option, part in (("S3GAN.project_y", gan), (of_network, gan.discriminator)):
            if getattr(part, "project_y", False):
                raise ConfigError(
                    f"ModularGAN.label_heads: {name} owns the logits and needs {option} = False, which adds another "
                    "class term to them, got True"
                )

    def make_layers(self, factory, width, num_classes):
        return {"projection": factory.projection(width, f"discriminator_{self.name}")}

    def make_variables(self, width, num_classes):
        self.projection(tf.zeros([1, num_classes]), tf.zeros([1, width]))

    def build(self, gan, features):
        layers = super().build(gan, features)
        gan.projection = self.projection  # as that of an S3GAN: `discriminator_with_heads` judges with it
        return layers

    def discriminator_terms(self, update):
        return []

    def generator_terms(self, update):
        return []

    def judged(self, outputs, labels):
        """`Judged` from a `DiscriminatorOutput` in training, with the class term of label vectors [N, K]."""
        features = flat(outputs.features)
        return Judged(*self.with_class_term(outputs.logits, features, labels), outputs.features, labels)

    def with_class_term(self, logits, features, labels):
        """(logits [N, 1] with the class term, scores [N, K + 1] or None), in training.

        Args:
            logits: [N, 1] of the network.
            features: [N, width].
            labels: vectors [N, K].
        """
        raise NotImplementedError


@configurable("projection", module=LIBRARY)
class Projection(LogitsHead):
    """The inner product of label embedding and features is added to the logit (Miyato & Koyama 2018).

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [Projection()]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    name = "projection"

    def with_class_term(self, logits, features, labels):
        return logits + tf.cast(self.projection(labels, features, training=True), tf.float32), None


@configurable("multi_hinge", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class MultiHinge(LogitsHead):
    """MHGAN: one classifier of all classes and of "generated", with a hinge loss (Kavalerov et al. 2021).

    The score of a class is the inner product of its embedding and the features, that of "generated" is minus the
    network's logit. The logit of an image with a label is the difference of the two scores. The adversarial loss is
    replaced: real images aim at their class, fakes at "generated" in the discriminator's update and at their class in
    the generator's.

    Attributes:
        weight_g: weight of the generator's loss.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [MultiHinge()]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    name = "multi_hinge"
    replaces_loss = True

    weight_g: NonNegative = 0.05

    def check(self, gan):
        super().check(gan)
        if gan.loss is not Hinge:
            name = selector(gan.loss)
            raise ConfigError(f"loss.fn: expected @hinge with @multi_hinge(), which is its generalisation, got @{name}")
        if gan.objective.top_k is not None:
            raise ConfigError("loss.top_k: expected None with @multi_hinge(), which replaces both losses, got @topk()")

    def with_class_term(self, logits, features, labels):
        classes = self.projection.of_every_class(features, training=True)
        with_term = logits + tf.reduce_sum(labels * classes, axis=1, keepdims=True)
        return with_term, tf.concat([classes, -logits], axis=1)

    def discriminator_loss(self, real, fake):
        """(loss, its real term, its fake term) of outputs with `scores` [N, K + 1] and `labels` [N, K]."""
        (labelled,) = examples([real.scores], [real.labels])
        of_real = labelled.mean(hinge_of_classes(real.scores, _with_generated(one_class(real.labels), 0.0)))
        of_fake = tf.reduce_mean(hinge_of_classes(fake.scores, _with_generated(tf.zeros_like(fake.labels), 1.0)))
        return of_real + of_fake, of_real, of_fake

    def generator_loss(self, fake):
        """The generator's loss for outputs with `scores` and `labels`."""
        (labelled,) = examples([fake.scores], [fake.labels])
        values = hinge_of_classes(fake.scores, _with_generated(one_class(fake.labels), 0.0))
        return self.weight_g * labelled.mean(values)


def hinge_of_classes(scores, targets):
    """[N]: how much the target's score lacks to exceed all others by 1 (Crammer & Singer 2001).

    Args:
        scores: [N, K].
        targets: [N, K], one 1 in each row.
    """
    own = tf.reduce_sum(scores * targets, axis=1)
    return tf.nn.relu(1.0 + tf.reduce_max(scores - 1e9 * targets, axis=1) - own)


def _with_generated(labels, value):
    return tf.concat([labels, tf.fill([labels.shape[0], 1], value)], axis=1)
