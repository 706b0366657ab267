"""LeCam regularisation of the discriminator's logits, for little data (Tseng et al. 2021)."""

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_arguments
from compare_gan2.config.ranges import CountOrZero, Decay, NonNegative, Number
from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
from compare_gan2.gans.regularizers import Regularizer, Term


@configurable("lecam", module="compare_gan2.gans")
class LeCam(Regularizer):
    """Keeps logits of real images near the past mean of fake ones, and those of fakes near that of real ones.

    Two anchors follow the mean logits of real and of fake images over the batches (Tseng et al. 2021, section 3); they
    are updated before the term is computed and are part of the checkpoint.

    Args:
        weight: of the term in the discriminator's loss.
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

    def __init__(
        self,
        weight: NonNegative = 0.3,
        decay: Decay = 0.99,
        start_step: CountOrZero = 1000,
        bias_corrected: bool = False,
        initial_anchor: Number | None = None,
    ):
        check_arguments(LeCam, {"weight": weight, "decay": decay, "start_step": start_step})
        check_arguments(LeCam, {"bias_corrected": bias_corrected, "initial_anchor": initial_anchor})
        self.weight = weight
        self.decay = decay
        self.start_step = start_step
        self.bias_corrected = bias_corrected
        self.initial_anchor = initial_anchor
        self._start = {"anchor_real": initial_anchor or 0.0, "anchor_fake": initial_anchor or 0.0}
        if bias_corrected:  # sums of weighted means, and of the weights
            self._start = {"anchor_real": 0.0, "anchor_fake": 0.0, "anchor_weight": 0.0}
        self._variables = {}

    def build(self):
        self._variables = {
            name: tf.Variable(
                value,
                dtype=tf.float32,
                trainable=False,
                # Every replica computes the same anchors from the mean over all: keep copies, exchange nothing.
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for name, value in self._start.items()
        }

    def restart(self):
        for name, value in self._start.items():
            self._variables[name].assign(value)

    @property
    def variables(self):
        return {f"lecam/{name}": variable for name, variable in self._variables.items()}

    def discriminator_terms(self, update):
        step = update.batch.moment.step
        anchors = self.update_anchors(update.real.logits, update.fake.logits, step)
        counts = tf.cast(tf.cast(step, tf.int64) > self.start_step, tf.float32)
        distance = self.distance(update.real.logits, update.fake.logits, *anchors)
        return [Term("loss/lecam", self.weight, counts * distance)]

    def update_anchors(self, real_logits, fake_logits, step):
        """(real, fake) anchors, scalars, after an update with the mean logits of a batch at a generator step."""
        means = [tf.reduce_mean(real_logits), tf.reduce_mean(fake_logits)]
        if num_replicas() > 1:
            means = mean_over_replicas(means, None)
        anchors = [self._variables["anchor_real"], self._variables["anchor_fake"]]
        decay = self._decay_at(step)
        new = [decay * tf.convert_to_tensor(old) + (1.0 - decay) * mean for old, mean in zip(anchors, means, strict=True)]
        new = [tf.stop_gradient(value) for value in new]
        for variable, value in zip(anchors, new, strict=True):
            variable.assign(value)
        if not self.bias_corrected:
            return new
        weight = self.decay * tf.convert_to_tensor(self._variables["anchor_weight"]) + (1.0 - self.decay)
        self._variables["anchor_weight"].assign(weight)
        return [value / weight for value in new]

    def _decay_at(self, step):
        if self.bias_corrected:
            return tf.constant(self.decay, tf.float32)
        first = self.start_step if self.initial_anchor is not None else max(self.start_step, 1)
        return self.decay * tf.cast(tf.cast(step, tf.int64) >= first, tf.float32)

    @staticmethod
    def distance(real_logits, fake_logits, anchor_real, anchor_fake):
        """Mean squared excess of real logits over the fake anchor, plus that of the real anchor over fake logits."""
        above = tf.reduce_mean(tf.square(tf.nn.relu(real_logits - anchor_fake)))
        return above + tf.reduce_mean(tf.square(tf.nn.relu(anchor_real - fake_logits)))
