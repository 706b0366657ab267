"""The probability of augmenting, adapted to how much the discriminator overfits (Karras et al. 2020, section 3).

Overfitting shows in r, the mean sign of the logits of real images: near 0 without, near 1 with it. Every `interval`
updates p rises or falls by the number of images seen since the last time, divided by `kimg` thousand; so it takes as
many images to rise from 0 to 1.
"""

import dataclasses
from typing import Annotated, Literal

import tensorflow as tf

from compare_gan2.config.ranges import Count, Positive, Range, Share
from compare_gan2.distribution.replica_copies import replica_copy


@dataclasses.dataclass(frozen=True)
class AdaptiveOptions:
    """How a probability is adapted.

    Attributes:
        p: probability before the first update.
        target: mean sign of the logits of real images, from -1 to 1, at which p neither rises nor falls; None: p stays.
        interval: discriminator updates from one change of p to the next.
        kimg: thousands of real images in which p can rise from 0 to 1.
        rule: "paper": p changes after updates interval, 2 interval, ..., and is never below 0; "studiogan", as in
            PyTorch-StudioGAN: after updates 1, interval + 1, 2 interval + 1, ..., and is never above 1 either.
    """

    p: Share = 0.0
    target: Annotated[float, Range(-1, 1)] | None = 0.6
    interval: Count = 4
    kimg: Positive = 500.0
    rule: Literal["paper", "studiogan"] = "paper"


class AdaptiveProbability:
    """Variables of one adapted probability; make it in the scope of the strategy.

    Args:
        options: `AdaptiveOptions`.

    Attributes:
        p: float32 scalar variable, the probability.

    Example:
        >>> probability = AdaptiveProbability(AdaptiveOptions(interval=1, kimg=1.0))
        >>> probability.update(signs=tf.constant(10), logits=tf.constant(10))
        >>> float(probability.p)
        0.01
    """

    def __init__(self, options):
        self.options = options
        # Every replica computes the same from what all exchanged.
        self.p = replica_copy(tf.constant(options.p, tf.float32))
        self.updates, self.signs, self.logits = (replica_copy(tf.constant(0, tf.int64)) for _ in range(3))

    def variables(self):
        """{name: tf.Variable} of what a checkpoint has to hold; empty if p stays as it is."""
        if self.options.target is None:
            return {}
        return {name: getattr(self, name) for name in ("p", "updates", "signs", "logits")}

    def update(self, signs, logits):
        """Counts one discriminator update and changes p if that is due; the same on every replica.

        Args:
            signs: scalar, sum of the signs of the logits of real images over all replicas, a whole number.
            logits: scalar, how many these are.
        """
        if self.options.target is None:
            return
        variables = (self.p, self.updates, self.signs, self.logits)
        values = updated(self.options, *map(tf.convert_to_tensor, variables), signs, logits)
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def updated(options, p, updates, signs, logits, new_signs, new_logits):
    """(p, updates, signs, logits) after one more discriminator update.

    Args:
        options: `AdaptiveOptions` with a target.
        p: float32 scalar.
        updates: int64 scalar, discriminator updates so far.
        signs, logits: int64 scalars, sum of the signs since the last change of p and how many these are.
        new_signs, new_logits: those of the update.
    """
    signs, logits, updates = signs + tf.cast(new_signs, tf.int64), logits + tf.cast(new_logits, tf.int64), updates + 1
    due = (updates - (1 if options.rule == "studiogan" else 0)) % options.interval == 0
    count = tf.cast(logits, tf.float32)
    change = tf.sign(tf.cast(signs, tf.float32) / count - options.target) * (count / (1000.0 * options.kimg))
    changed = tf.maximum(p + change, 0.0)
    if options.rule == "studiogan":
        changed = tf.minimum(changed, 1.0)
    signs, logits = (tf.where(due, tf.zeros_like(value), value) for value in (signs, logits))
    return tf.where(due, changed, p), updates, signs, logits
