"""Heads that compare embeddings of a batch: ContraGAN (Kang & Park 2020) and ReACGAN (Kang et al. 2021).

An image is compared with a trained proxy of its class and with all other images of the batch over all replicas. A soft
label counts as its likeliest class.
"""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative, Positive, Share, Size
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.gans.heads import LinearHead
from compare_gan2.gans.label_heads import LabelHead, Labels, one_class
from compare_gan2.gans.regularizers import Term
from compare_gan2.layers.weighted import ClassProjection

LIBRARY = "compare_gan2.gans"
NEVER = -1e9  # a logit whose exponential is 0


class ContrastiveHead(LabelHead):
    """Base of both: an embedding of the features and a proxy of each class; D's update compares real images only.

    Attributes:
        name: name of the head in its variables and terms.
    """

    judges_fakes = False
    over_batch = True
    name = None

    def make_layers(self, factory, width, num_classes):
        head = f"discriminator_{self.name}"
        return {
            "embedding": LinearHead(factory.dense(self.embedding_size, "embedding"), name=head),
            # Without spectral norm, since cosines do not depend on a proxy's length.
            "proxies": ClassProjection(self.embedding_size, name=f"{head}_proxies"),
        }

    def make_variables(self, width, num_classes):
        super().make_variables(width, num_classes)
        self.proxies(tf.zeros([1, num_classes]), tf.zeros([1, self.embedding_size]))

    def outputs_of(self, features, training):
        return self.embedding(features, training=training)

    def terms_of_discriminator(self, real, fake):
        return [Term(f"loss/{self.name}_d", self.weight_d, self._value(real))]

    def terms_of_generator(self, fake):
        return [Term(f"loss/{self.name}_g", self.weight_g, self._value(fake))]

    def _value(self, examples):
        embeddings, labels = (rows_of_all_replicas(values) for values in (examples.outputs, examples.labels))
        return self.loss_of(embeddings, tf.convert_to_tensor(self.proxies.kernel), labels)


@configurable("contragan", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class ContraGan(ContrastiveHead):
    """ContraGAN: pulls embeddings to the proxy and the other images of their class (2C loss, Kang & Park 2020).

    Attributes:
        weight_d: weight of the loss on real images in the discriminator's loss.
        weight_g: weight of the loss on generated images in the generator's loss.
        temperature: divisor of the cosines.
        embedding_size: size of embeddings and proxies.
        labels: "known" learns from labelled images only, "completed" also from those whose label an S3GAN predicts.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [ContraGan(temperature=0.5)]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    name = "contragan"

    weight_d: NonNegative = 1.0
    weight_g: NonNegative = 1.0
    temperature: Positive = 1.0
    embedding_size: Size = 512
    labels: Labels = "known"

    def loss_of(self, embeddings, proxies, labels):
        """2C loss, the mean over labelled images (Kang & Park 2020, equation 8).

        Args:
            embeddings: [N, d], of any length.
            proxies: [K, d], likewise.
            labels: vectors [N, K].
        """
        to_proxy, between, same, others = _cosines(embeddings, proxies, labels)
        to_proxy, between = to_proxy / self.temperature, between / self.temperature
        positive = _log_sum(to_proxy, between, same)
        every = _log_sum(to_proxy, between, tf.logical_or(same, others))
        return _mean_over_labelled(every - positive, labels)


@configurable("reacgan", module=LIBRARY)
@dataclasses.dataclass(eq=False)
class ReacGan(ContrastiveHead):
    """ReACGAN: pulls embeddings to their class's proxy and from images of other classes (D2D-CE, Kang et al. 2021).

    Easy pairs do not count, see `margin`.

    Attributes:
        weight_d: weight of the loss on real images in the discriminator's loss.
        weight_g: weight of the loss on generated images in the generator's loss.
        temperature: divisor of the cosines.
        margin: cosine with the proxy from which an embedding is near enough; images of two classes are far enough apart
            if their cosine is at most 1 minus this.
        embedding_size: size of embeddings and proxies.
        labels: "known" learns from labelled images only, "completed" also from those whose label an S3GAN predicts.
        as_in_studiogan: whether the largest exponent of other images is subtracted from theirs but not from the
            proxy's, as in PyTorch-StudioGAN.

    Example:
        >>> options = {"conditional": True, "num_classes": 10, "label_heads": [ReacGan(margin=0.9)]}
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, **options)
    """

    name = "reacgan"

    weight_d: NonNegative = 0.5
    weight_g: NonNegative = 0.5
    temperature: Positive = 0.5
    margin: Share = 0.98
    embedding_size: Size = 512
    labels: Labels = "known"
    as_in_studiogan: bool = False

    def loss_of(self, embeddings, proxies, labels):
        """D2D-CE, the mean over labelled images (Kang et al. 2021, section 3.2); arguments: see `ContraGan`."""
        to_proxy, between, same, others = _cosines(embeddings, proxies, labels)
        too_far = tf.nn.relu(self.margin - to_proxy) / self.temperature
        excess = (between + self.margin - 1.0) / self.temperature
        too_near = tf.nn.relu(excess)
        if self.as_in_studiogan:
            largest = tf.reduce_max(tf.where(tf.logical_or(same, others), excess, NEVER), axis=1, keepdims=True)
            too_near -= tf.stop_gradient(largest)
        return _mean_over_labelled(too_far + _log_sum(-too_far, too_near, others), labels)


def _cosines(embeddings, proxies, labels):
    """Cosines, and which pairs of images are of one class or of two.

    Returns:
        (cosines [N] with the proxies of the classes; cosines [N, N] of images; bool [N, N], whether two different
        images have the same class; bool [N, N], whether they have different ones). Pairs with an image that has no
        label are neither.
    """
    classes = one_class(labels)
    embeddings = tf.math.l2_normalize(embeddings, axis=1)
    to_proxy = tf.reduce_sum(tf.matmul(classes, tf.math.l2_normalize(proxies, axis=1)) * embeddings, axis=1)
    labelled = tf.reduce_sum(classes, axis=1)
    same = tf.matmul(classes, classes, transpose_b=True) > 0.5
    others = tf.logical_and(labelled[:, None] * labelled[None, :] > 0.5, tf.logical_not(same))
    same = tf.logical_and(same, tf.logical_not(tf.eye(classes.shape[0], dtype=tf.bool)))
    return to_proxy, tf.matmul(embeddings, embeddings, transpose_b=True), same, others


def _log_sum(first, rest, chosen):
    """[N]: logarithm of exp(first [N]) plus the sum of exp(rest [N, N]) over the chosen pairs [N, N]."""
    return tf.reduce_logsumexp(tf.concat([first[:, None], tf.where(chosen, rest, NEVER)], axis=1), axis=1)


def _mean_over_labelled(values, labels):
    labelled = tf.reduce_sum(one_class(labels), axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(labelled * values), tf.reduce_sum(labelled))
