"""Path length regularisation of StyleGAN2's generator (Karras et al. 2020, section 3.2)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Count, NonNegative, Share
from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
from compare_gan2.distribution.replica_copies import replica_copy
from compare_gan2.gans.regularizers import Regularizer, Term
from compare_gan2.ground.errors import ConfigError


@configurable("path_length", module="compare_gan2.gans")
@dataclasses.dataclass(eq=False)
class PathLength(Regularizer):
    """Mean squared distance of path lengths, how far images move when w does, from their running average.

    The path length of an image in [-1, 1] is the norm of the gradient, with respect to w, of its product with an image
    of normal noise. The average is part of the checkpoint.

    Attributes:
        weight: weight of the term in the generator's loss.
        decay: weight of a batch's mean length in an update of the average.
        every: the term is computed in one of so many generator steps, and counts as many times.
        shrink: one of so many examples of the batch is used.

    Example:
        >>> gan = ModularGAN(generator, discriminator, regularizers=[PathLength(every=4)])
    """

    over_batch = True
    mean = None  # `build` makes it

    weight: NonNegative = 2.0
    decay: Share = 0.01
    every: Count = 4
    shrink: Count = 2

    def check(self, gan):
        if not hasattr(gan.generator, "synthesize"):
            network = type(gan.generator).__module__.rpartition(".")[2]
            raise ConfigError(
                "ModularGAN.regularizers: @path_length() needs a generator with a space w, expected "
                f"options.architecture = 'stylegan2_arch', got @{network}.Generator"
            )

    def build(self):
        self.mean = replica_copy(0.0)  # every replica computes the same average from the mean over all

    def restart(self):
        self.mean.assign(0.0)

    @property
    def variables(self):
        return {"path_length/mean": self.mean}

    def generator_terms(self, update):
        batch, generator = update.batch, update.gan.generator
        latents = batch.latents[:: self.shrink]
        labels = None if batch.sampled_labels is None else batch.sampled_labels[:: self.shrink]

        def lengths():
            images = [latents.shape[0], *update.gan.image_shape]
            noise = tf.math.ndtri(batch.moment.uniform(images, "path length"))
            return path_lengths(generator, [generator.mapping(latents, labels)] * generator.num_ws, noise)

        due = tf.cast(batch.moment.step, tf.int64) % self.every == 0
        found = lengths() if self.every == 1 else tf.cond(due, lengths, lambda: tf.zeros([latents.shape[0]]))
        (mean,) = means = [tf.reduce_mean(found)]
        if num_replicas() > 1:  # outside of the condition, where nothing can be exchanged
            (mean,) = mean_over_replicas(means, None)
        before, due = tf.convert_to_tensor(self.mean), tf.cast(due, tf.float32)
        mean = before + due * self.decay * (mean - before)
        self.mean.assign(tf.stop_gradient(mean))
        penalty = due * tf.reduce_mean(tf.square(found - mean))
        return [Term("loss/path_length", self.every * self.weight, penalty)]


def path_lengths(generator, ws, noise):
    """[N]: root of the mean, over the values of w, of the squared norm of the gradient of images times noise.

    Args:
        generator: StyleGAN2's.
        ws: list of `num_ws` tensors [N, w_dim].
        noise: normal values [N, H, W, C].
    """
    ws = [tf.identity(w) for w in ws]  # each has a gradient of its own
    with tf.GradientTape() as tape:
        tape.watch(ws)
        images = tf.cast(generator.synthesize(ws), tf.float32)
        total = tf.reduce_sum(images * noise) / noise.shape[1]
    squares = [tf.reduce_sum(tf.square(tf.cast(slope, tf.float32)), 1) for slope in tape.gradient(total, ws)]
    return tf.sqrt(tf.add_n(squares) / len(ws))
