"""Classifier score, known as Inception score when the classifier is Inception, https://arxiv.org/abs/1606.03498."""

import dataclasses

import numpy as np
import scipy.special

from compare_gan2.config.ranges import Count, Seed
from compare_gan2.metrics.input_checks import finite_matrix
from compare_gan2.metrics.networks import tfgan_eval


@dataclasses.dataclass(frozen=True)
class SplitScore:
    """Classifier scores of parts of a set: their mean and population standard deviation."""

    mean: float
    std: float
    num_splits: int


def classifier_score(logits):
    """exp of the mean KL divergence of each image's class distribution from their average, as a float.

    Between 1 (all images get the same distribution) and the number of classes; higher is better. TF-GAN's function
    computes it over all images at once, without the split into ten parts that some implementations average over.

    Args:
        logits: [num_images, num_classes].

    Raises:
        ValueError: for NaN or infinity in a logit, or a wrong shape.
    """
    return float(tfgan_eval.load().classifier_score_from_logits(finite_matrix("classifier_score: logits", logits)))


def classifier_score_of_splits(logits, num_splits: Count = 10, *, shuffle_seed: Seed | None = None):
    """`SplitScore` as the paper reports it: the images are cut, in order, into ten parts and each part is scored.

    Lower than `classifier_score` of all images, since each part is smaller; do not compare the two.

    Args:
        logits: [num_images, num_classes], at least `num_splits` rows.
        num_splits: number of parts; their sizes differ by one at most.
        shuffle_seed: seed of a permutation of the images before the split (2020 in torch-fidelity); None: no shuffle.

    Raises:
        ValueError: for NaN or infinity in a logit, or fewer images than parts.
    """
    if num_splits < 1:
        raise ValueError(f"classifier_score_of_splits.num_splits: expected at least 1, got {num_splits}")
    logits = finite_matrix("classifier_score_of_splits: logits", logits)
    if num_splits > len(logits):
        raise ValueError(
            f"classifier_score_of_splits.num_splits: expected at most {len(logits)}, the number of images,"
            f" got {num_splits}"
        )
    if shuffle_seed is not None:
        logits = logits[np.random.RandomState(shuffle_seed).permutation(len(logits))]
    edges = [part * len(logits) // num_splits for part in range(num_splits + 1)]
    scores = [_score(logits[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    return SplitScore(float(np.mean(scores)), float(np.std(scores)), num_splits)


def _score(logits):
    log_probabilities = scipy.special.log_softmax(logits, axis=1)
    probabilities = np.exp(log_probabilities)
    marginal = probabilities.mean(axis=0)
    # Two entropies apart: a class that never occurs has log 0, which xlogy takes as 0.
    negative_entropy = np.mean(np.sum(probabilities * log_probabilities, axis=1))
    return np.exp(negative_entropy - np.sum(scipy.special.xlogy(marginal, marginal)))
