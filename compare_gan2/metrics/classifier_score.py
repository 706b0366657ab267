"""Classifier score, known as Inception score when the classifier is Inception, https://arxiv.org/abs/1606.03498."""

import dataclasses

import numpy as np
import scipy.special

from compare_gan2.metrics import tfgan_eval
from compare_gan2.metrics.finite import finite_matrix


@dataclasses.dataclass(frozen=True)
class SplitScore:
    """Classifier scores of parts of a set: their mean and standard deviation (divided by the number of parts)."""

    mean: float
    std: float
    num_splits: int


def classifier_score(logits):
    """exp of the mean KL divergence of each image's class distribution from their average, as a float.

    Between 1 (all images get the same distribution) and the number of classes; higher is better. All images are taken
    at once, without the split into ten parts that some implementations average over.

    Args:
        logits: [num_images, num_classes].

    Raises:
        ValueError: for NaN or infinity in a logit, or a wrong shape.
    """
    return float(tfgan_eval.load().classifier_score_from_logits(finite_matrix("classifier_score: logits", logits)))


def classifier_score_of_splits(logits, num_splits=10, *, shuffle_seed=None):
    """`SplitScore`, as the paper reports it: the images are cut, in order, into ten parts, each scored by itself.

    Lower than `classifier_score` of all images, since each part is smaller; the two cannot be compared.

    Args:
        logits: [num_images, num_classes], at least `num_splits` rows.
        num_splits: parts, equally long but for one image.
        shuffle_seed: of NumPy's RandomState that permutes the images first; torch-fidelity's numbers come with 2020.

    Raises:
        ValueError: for NaN or infinity in a logit, or fewer images than parts.
    """
    if num_splits < 1:
        raise ValueError(f"classifier_score: expected at least 1 part, got num_splits = {num_splits}")
    logits = finite_matrix("classifier_score: logits", logits, min_rows=num_splits)
    if shuffle_seed is not None:
        logits = logits[np.random.RandomState(shuffle_seed).permutation(len(logits))]
    edges = [part * len(logits) // num_splits for part in range(num_splits + 1)]
    scores = [_score(logits[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    return SplitScore(float(np.mean(scores)), float(np.std(scores)), num_splits)


def _score(logits):
    log_probabilities = scipy.special.log_softmax(logits, axis=1)
    probabilities = np.exp(log_probabilities)
    marginal = probabilities.mean(axis=0)
    # The two entropies apart, since a class that never occurs has log 0.
    negative_entropy = np.mean(np.sum(probabilities * log_probabilities, axis=1))
    return np.exp(negative_entropy - np.sum(scipy.special.xlogy(marginal, marginal)))
