"""Rows of one call of the discriminator: what is judged, what is classified, and what is rotated.

Heads see the judged images or, in further rows, the same images before augmentation ("plain").
"""

import dataclasses

import tensorflow as tf

from compare_gan2.gans.rotation import NUM_ROTATIONS, with_rotated_copies


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Images with labels, and which rows of them are for what.

    Attributes:
        images: [M, H, W, C].
        labels: [M, K] or None.
        judged: slice of the images whose logits enter the adversarial loss.
        classified: slice of the same images as the predictor of labels sees them.
        rotated: slice of the images of the rotation loss: upright, then turned by 1, 2 and 3 quarters.
    """

    images: object
    labels: object
    judged: slice
    classified: slice
    rotated: slice


def rows_of(images, labels, count, *, plain=None, plain_rotations=False, plain_classes=False, labels_of_copies=None):
    """`Rows` of one part of a batch.

    Args:
        images: [N, H, W, C].
        labels: [N, K] or None.
        count: number of images that are rotated, the last ones.
        plain: the images before their augmentation; None where they are the same.
        plain_rotations: whether plain images are rotated.
        plain_classes: whether plain images are classified.
        labels_of_copies: [N, K], labels of the rotated copies; None: `labels`.
    """
    size = images.shape[0]
    judged, upright = slice(0, size), size - count
    extra = 0 if plain is None else size if plain_classes else count if plain_rotations else 0
    if not extra:
        every = _with_copies(images, labels, count, labels_of_copies)
        return Rows(*every, judged, judged, slice(upright, size + (NUM_ROTATIONS - 1) * count))
    beside = plain[size - extra :], None if labels is None else labels[size - extra :]
    if plain_rotations:
        copies = None if labels_of_copies is None else labels_of_copies[size - extra :]
        parts, first = [(images, labels), _with_copies(*beside, count, copies)], size
        upright = size + extra - count
    else:
        parts = [_with_copies(images, labels, count, labels_of_copies), beside]
        first = parts[0][0].shape[0]
    all_images = tf.concat([part for part, _ in parts], 0)
    all_labels = None if labels is None else tf.concat([part for _, part in parts], 0)
    classified = slice(first, first + size) if plain_classes else judged
    return Rows(all_images, all_labels, judged, classified, slice(upright, upright + NUM_ROTATIONS * count))


def with_classified(logits, rows):
    """Class logits of all parts, those of images that are judged replaced by those of the same images as classified.

    Args:
        logits: [M, K] of the rows of all parts, one after the other.
        rows: list of `Rows`.
    """
    if all(part.classified == part.judged for part in rows):
        return logits
    pieces = tf.split(logits, [part.images.shape[0] for part in rows])
    return tf.concat(
        [
            tf.concat([piece[part.classified], piece[part.judged.stop :]], 0)
            for piece, part in zip(pieces, rows, strict=True)
        ],
        0,
    )


def _with_copies(images, labels, count, labels_of_copies):
    every, every_label = with_rotated_copies(images, labels, count)
    if labels_of_copies is not None:
        _, other = with_rotated_copies(images, labels_of_copies, count)
        every_label = tf.concat([labels, other[labels.shape[0] :]], 0)
    return every, every_label
