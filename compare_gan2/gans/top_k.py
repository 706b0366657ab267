"""Top-k training: only the fakes that the discriminator finds most real train the generator (Sinha et al. 2020)."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Count, PositiveShare
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.ground.errors import ConfigError


@configurable("topk", module="compare_gan2.gans")
@dataclasses.dataclass(frozen=True)
class TopK:
    """How many fakes count in the generator's loss: all at first, fewer after each epoch (Sinha et al. 2020).

    After each epoch k becomes max(decay * k, least_share * batch), kept as a real number; its whole part is used.

    Attributes:
        steps_per_epoch: generator steps after which k shrinks again; the paper's epochs are images / batch size.
        decay: factor of k, the paper's gamma.
        least_share: share of the batch that always counts, the paper's nu.

    Example:
        >>> int(TopK(steps_per_epoch=100, decay=0.9, least_share=0.5).k(step=300, batch_size=16))
        11
    """

    steps_per_epoch: Count = REQUIRED
    decay: PositiveShare = 0.99
    least_share: PositiveShare = 0.5

    def __post_init__(self):
        if self.steps_per_epoch is REQUIRED:
            raise ConfigError("topk.steps_per_epoch: no value is given; bind images / options.batch_size")
        check_fields(self)

    def check_batch(self, batch_size):
        """Raises a `ConfigError` if no example of a batch would be left."""
        if int(self.least_share * batch_size) < 1:
            raise ConfigError(
                f"topk.least_share: expected at least one of the {batch_size} examples of a batch "
                f"(options.batch_size) to be left, so at least {1 / batch_size:g}, got {self.least_share}"
            )

    def k_before_rounding(self, step, batch_size):
        """k as a real number, a float64 scalar, at a generator step of a batch over all replicas."""
        epochs = tf.cast(tf.cast(step, tf.int64) // self.steps_per_epoch, tf.float64)
        shrunk = tf.constant(self.decay, tf.float64) ** epochs * batch_size
        return tf.maximum(shrunk, tf.constant(int(self.least_share * batch_size), tf.float64))

    def k(self, step, batch_size):
        """Number of fakes that count, an int32 scalar."""
        return tf.cast(self.k_before_rounding(step, batch_size), tf.int32)

    def generator_loss(self, loss, logits, step):
        """Mean loss of the k examples with the largest fake logits; of equal logits the first ones.

        Args:
            loss: `AdversarialLoss` with `generator_values`.
            logits: those of the replica that `generator_values` takes, [N, 1] each, fake ones first.
            step: generator step before the update.
        """
        rows = [rows_of_all_replicas(values) for values in logits]
        size = rows[0].shape[0]
        k = self.k(step, size)
        order = tf.argsort(rows[0][:, 0], direction="DESCENDING", stable=True)
        counts = tf.cast(tf.argsort(order) < k, rows[0].dtype)  # argsort of a permutation is each row's rank
        return tf.reduce_sum(loss.generator_values(*rows)[:, 0] * counts) / tf.cast(k, rows[0].dtype)
