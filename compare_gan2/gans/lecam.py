"""LeCam regularisation of the discriminator's logits, for little data (Tseng et al. 2021)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import CountOrZero, Decay, NonNegative, Number
from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
from compare_gan2.distribution.replica_copies import replica_copy
from compare_gan2.gans.regularizers import Regularizer, Term


@configurable("lecam", module="compare_gan2.gans")
@dataclasses.dataclass(eq=False)
class LeCam(Regularizer):
    """Keeps logits of real images near the past mean of fake ones, and those of fakes near that of real ones.

    Two anchors follow the mean logits of real and of fake images over the batches (Tseng et al. 2021, section 3); they
    are updated before the term is computed and are part of the checkpoint.

    Attributes:
        weight: weight of the term in the discriminator's loss.
        decay: weight of the old anchors in an update.
        start_step: until this generator step the anchors are the means of the batch; the term counts after it.
        bias_corrected: anchors are averages from the first step, divided by the weight of all batches so far, as in
            the StyleGAN2 version of google/lecam-gan.
        initial_anchor: value of both anchors before the first update if `start_step` is 0, as upstream; None: the
            first batch's means.

    Example:
        >>> gan = ModularGAN(generator, discriminator, loss=losses.hinge, regularizers=[LeCam(weight=0.3)])
    """

    over_batch = True

    weight: NonNegative = 0.3
    decay: Decay = 0.99
    start_step: CountOrZero = 1000
    bias_corrected: bool = False
    initial_anchor: Number | None = None

    def __post_init__(self):
        super().__post_init__()
        start = self.initial_anchor or 0.0
        self._start = {"anchor_real": start, "anchor_fake": start}
        if self.bias_corrected:  # sums of weighted means, and of the weights
            self._start = {"anchor_real": 0.0, "anchor_fake": 0.0, "anchor_weight": 0.0}
        self._variables = {}

    def build(self):
        # Every replica computes the same anchors from the mean over all.
        self._variables = {name: replica_copy(tf.constant(value, tf.float32)) for name, value in self._start.items()}

    def restart(self):
        for name, value in self._start.items():
            self._variables[name].assign(value)

    @property
    def variables(self):
        return {f"lecam/{name}": variable for name, variable in self._variables.items()}

    def discriminator_terms(self, update):
        step, real, fake = update.batch.moment.step, update.real.logits, update.fake.logits
        means = [tf.reduce_mean(real), tf.reduce_mean(fake)]
        if num_replicas() > 1:
            means = mean_over_replicas(means, None)
        values = self.updated([tf.convert_to_tensor(v) for v in self._variables.values()], means, step)
        for variable, value in zip(self._variables.values(), values, strict=True):
            variable.assign(value)
        counts = tf.cast(tf.cast(step, tf.int64) > self.start_step, tf.float32)
        return [Term("loss/lecam", self.weight, counts * self.distance(real, fake, *self.anchors(values)))]

    def updated(self, values, means, step):
        """New values of the variables, in their order, after a batch with these means of real and of fake logits."""
        first = self.start_step if self.initial_anchor is not None else max(self.start_step, 1)
        decay = self.decay * tf.cast(tf.cast(step, tf.int64) >= (0 if self.bias_corrected else first), tf.float32)
        batch = [*means, 1.0][: len(values)]
        return [tf.stop_gradient(decay * old + (1.0 - decay) * new) for old, new in zip(values, batch, strict=True)]

    def anchors(self, values):
        """(real, fake) anchors that the values of the variables stand for."""
        real, fake, *weight = values
        return (real / weight[0], fake / weight[0]) if weight else (real, fake)

    @staticmethod
    def distance(real_logits, fake_logits, anchor_real, anchor_fake):
        """Mean squared excess of real logits over the fake anchor, plus that of the real anchor over fake logits."""
        above = tf.reduce_mean(tf.square(tf.nn.relu(real_logits - anchor_fake)))
        return above + tf.reduce_mean(tf.square(tf.nn.relu(anchor_real - fake_logits)))
