"""How often a classifier finds the label that an image was generated for."""

import numpy as np

from compare_gan2.metrics.input_checks import class_labels, finite_matrix


def conditional_accuracy(logits, labels):
    """Fraction, between 0 and 1, of images whose largest logit is that of the label.

    Args:
        logits: [num_images, num_classes].
        labels: integers [num_images] in 0..num_classes-1.

    Raises:
        ValueError: for NaN or infinity in a logit, a wrong shape, or a label outside the classes (-1 included).
    """
    logits = finite_matrix("conditional_accuracy: logits", logits)
    labels = class_labels("conditional_accuracy", labels, len(logits), logits.shape[1])
    return float(np.mean(logits.argmax(axis=1) == labels))
