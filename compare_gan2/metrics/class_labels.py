"""The check of class labels that go with rows of features."""

import numpy as np


def class_labels(what, labels, count, num_classes=None):
    """`labels` as an integer array [count].

    Args:
        what: name of the labels' owner in messages, e.g. "intra_class_fid: real".
        labels: integers.
        count: how many there must be.
        num_classes: labels lie in 0..num_classes-1; None if only negative ones are refused.

    Raises:
        ValueError: for another number of labels, labels that are no integers, or a label outside the classes (-1, which
            stands for "unlabelled", included).
    """
    labels = np.asarray(labels)
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{what}: expected {count} integer labels, got {labels.dtype} of shape {labels.shape}")
    if labels.min() < 0 or (num_classes is not None and labels.max() >= num_classes):
        range_text = "of at least 0" if num_classes is None else f"in 0..{num_classes - 1}"
        raise ValueError(f"{what}: expected labels {range_text}, got {labels.min()}..{labels.max()}")
    return labels
