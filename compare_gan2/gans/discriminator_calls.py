"""One call of the discriminator on several parts of a batch."""

import collections

import tensorflow as tf

from compare_gan2.gans.batch import concatenate

Judged = collections.namedtuple("Judged", ["logits", "scores", "features", "labels"])
Judged.__doc__ = """Output of a discriminator with a head that owns the logits.

Attributes:
    logits: [N, 1], with the class term.
    scores: [N, K + 1] of `MultiHinge`, else None.
    features: [N, ...] of the network.
    labels: vectors [N, K] of the class term.
"""


def outputs_of_parts(gan, parts):
    """List of `DiscriminatorOutput`, or of `Judged`, one for each (images, labels), from one call in training."""
    images, labels = concatenate(parts)
    outputs = gan.discriminator(images, labels, training=True)
    if gan.objective.logits_head is not None:
        outputs = gan.objective.logits_head.judged(outputs, labels)
    sizes = [part[0].shape[0] for part in parts]
    split = [[None] * len(sizes) if values is None else tf.split(values, sizes) for values in outputs]
    return [type(outputs)(*values) for values in zip(*split, strict=True)]
