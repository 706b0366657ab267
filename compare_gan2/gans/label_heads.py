"""Heads of the discriminator that use labels, any number of them: `ModularGAN.label_heads = [@acgan()]`.

Images without a label do not affect the terms of a head.
"""

import dataclasses
from typing import Literal

import tensorflow as tf

from compare_gan2.config.declare import selector
from compare_gan2.config.matching import check_fields
from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
from compare_gan2.gans.discriminator_with_heads import label_is_available
from compare_gan2.gans.seen_images import known_labels
from compare_gan2.ground.errors import ConfigError

Labels = Literal["known", "completed"]


class LabelHead:
    """Base of the heads; a subclass defines `make_layers`, `outputs_of` and the terms of both updates.

    The options of a subclass that is a dataclass are checked.

    Attributes:
        labels: "known" for labels of the dataset alone, "completed" for those that a predictor completes.
        judges_fakes: whether the discriminator's terms read the head's outputs for fakes.
        over_batch: whether the term of an example depends on the others, so that a batch cannot be cut in parts.
        owns_logits: whether the head adds a class term to the logits; see `logits_heads`.
    """

    labels = "known"
    judges_fakes = True
    over_batch = False
    owns_logits = False

    def __post_init__(self):
        check_fields(self)

    def check(self, gan):
        """Raises a `ConfigError` if the GAN lacks the labels that the head needs."""
        name = selector(type(self))
        if not gan.conditional:
            raise ConfigError(
                f"ModularGAN.label_heads: @{name}() learns from labels and needs ModularGAN.conditional = True and a "
                "dataset with labels, got False; bind ModularGAN.label_heads = [] for data without labels"
            )
        if self.labels == "completed" and not getattr(gan, "use_predictor", False):
            raise ConfigError(
                f"{name}.labels: expected 'known' without a predictor that completes labels, got 'completed'; "
                "or take an S3GAN with S3GAN.use_predictor = True"
            )

    def make_layers(self, factory, width, num_classes):
        """Dict {attribute: layer} of the head's layers, not built yet.

        Args:
            factory: `LayerFactory` of the discriminator.
            width: size of the flattened features.
            num_classes: of the dataset.
        """
        raise NotImplementedError

    def outputs_of(self, features, training):
        """The head's outputs float32 [N, ...] for features [N, width]."""
        raise NotImplementedError

    def terms_of_discriminator(self, real, fake):
        """List of `Term` of a discriminator update from `Examples`; `fake` is None unless `judges_fakes`."""
        raise NotImplementedError

    def terms_of_generator(self, fake):
        """List of `Term` of a generator update from the `Examples` of fakes."""
        raise NotImplementedError

    def build(self, gan, features):
        """List of the head's layers, now with variables, for features [N, ...] of a GAN's discriminator."""
        self.check(gan)
        width = int(flat(features).shape[1])
        layers = self.make_layers(gan.discriminator.factory, width, gan.num_classes)
        for name, layer in layers.items():
            setattr(self, name, layer)
        self.make_variables(width, gan.num_classes)
        return list(layers.values())

    def make_variables(self, width, num_classes):
        """Builds the layers by a call."""
        del num_classes
        self.outputs_of(tf.zeros([1, width]), training=False)

    def discriminator_terms(self, update):
        """List of `Term` of a discriminator update (an `Update`); the head is called once on all images."""
        real_labels, fake_labels = self._labels_of_real(update), self._labels_of_fakes(update)
        real, fake = flat(update.real.features), flat(update.fake.features)
        if not self.judges_fakes:
            (real,) = examples([self.outputs_of(real, training=True)], [real_labels])
            return self.terms_of_discriminator(real, None)
        outputs = self.outputs_of(tf.concat([real, fake], 0), training=True)
        outputs = tf.split(outputs, [real.shape[0], fake.shape[0]])
        return self.terms_of_discriminator(*examples(outputs, [real_labels, fake_labels]))

    def generator_terms(self, update):
        """List of `Term` of a generator update (an `Update`)."""
        outputs = self.outputs_of(flat(update.fake.features), training=True)
        return self.terms_of_generator(*examples([outputs], [self._labels_of_fakes(update)]))

    def _labels_of_real(self, update):
        known = known_labels(update.batch)
        if self.labels == "known":
            return known
        if update.batch.known_labels is None:
            return update.real.labels
        # A fake in the place of a real image is no example of real ones.
        replaced = label_is_available(update.batch.labels) - label_is_available(known)
        return (1.0 - replaced) * update.real.labels

    def _labels_of_fakes(self, update):
        return update.batch.sampled_labels if self.labels == "known" else update.fake.labels


@dataclasses.dataclass(frozen=True, eq=False)
class Examples:
    """A head's outputs for images of a batch, with their labels.

    Attributes:
        outputs: [N, ...].
        labels: vectors [N, K], all zeros where unknown.
        weights: [N], 0 where the label is unknown; see `mean`.
    """

    outputs: object
    labels: object
    weights: object

    def mean(self, values):
        """Mean of values [N] over the labelled images of the batch of all replicas, after a mean over the replicas."""
        return tf.reduce_mean(self.weights * values)


def examples(outputs, labels):
    """List of `Examples`, one for each pair of outputs [N, ...] and label vectors [N, K]; one exchange for all."""
    masks = [label_is_available(vectors)[:, 0] for vectors in labels]
    shares = [tf.reduce_mean(mask) for mask in masks]
    if num_replicas() > 1:
        shares = mean_over_replicas(shares, None)
    weights = [tf.math.divide_no_nan(mask, share) for mask, share in zip(masks, shares, strict=True)]
    return [Examples(*values) for values in zip(outputs, labels, weights, strict=True)]


def one_class(labels):
    """Vectors [N, K] with a 1 at the most likely class of each label vector; all zeros where the label is unknown."""
    return label_is_available(labels) * tf.one_hot(tf.argmax(labels, axis=1), labels.shape[1])


def flat(features):
    """Features [N, ...] as [N, F]."""
    return tf.reshape(features, [features.shape[0], -1])


def logits_head_of(heads):
    """The head that owns the logits, None if none does.

    Raises:
        ConfigError: for a head that is listed twice, or two heads that own the logits.
    """
    names = [selector(type(head)) for head in heads]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"ModularGAN.label_heads: expected each once, got @{name}() {names.count(name)} times")
    owners = [head for head in heads if head.owns_logits]
    if len(owners) > 1:
        both = " and ".join(f"@{selector(type(head))}()" for head in owners)
        raise ConfigError(f"ModularGAN.label_heads: expected one head that owns the logits, got {both}")
    return owners[0] if owners else None
