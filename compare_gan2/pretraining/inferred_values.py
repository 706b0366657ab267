"""Labels of all training images that were inferred in one of several ways, and how well they agree with true ones."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class InferredValues:
    """Labels of all n training images: what is written, and what is reported about them.

    Attributes:
        values: whole numbers [n], or float32 logits [n,num_classes].
        labels: whole numbers [n].
        certainty: float [n], higher for more certain labels; orders images of one label.
        probability: float [n], of the label; None for clusters, which have none.
        true: stored labels int32 [n], -1 for unlabelled images.
    """

    values: np.ndarray
    labels: np.ndarray
    certainty: np.ndarray
    probability: np.ndarray | None
    true: np.ndarray


def agreement(labels, true, given):
    """{name: number}: share of correct labels, over how many true ones, and how many of them were known; {} for none.

    Args:
        labels: int [n].
        true: int [n], -1 for unlabelled images.
        given: int [n], labels that the inference has used, -1 for none; a wrong one is not a true label seen.
    """
    known = true >= 0
    if not np.any(known):
        return {}
    facts = {"accuracy": float(np.mean(labels[known] == true[known]))}
    return facts | {"true_labels": int(np.sum(known)), "true_labels_seen": int(np.sum(known & (given == true)))}
