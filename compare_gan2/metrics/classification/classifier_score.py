"""Classifier score, known as Inception score when the classifier is Inception, https://arxiv.org/abs/1606.03498."""

import dataclasses

import numpy as np
import scipy.special

from compare_gan2.config.ranges import Count, Seed
from compare_gan2.metrics.input_checks import checked_matrix
from compare_gan2.metrics.row_order import in_content_order, shuffled_order


@dataclasses.dataclass(frozen=True)
class SplitScore:
    """Classifier scores of parts of a set: their mean and population standard deviation."""

    mean: float
    std: float
    num_splits: int


def classifier_score(logits):
    """exp of the mean KL divergence of each image's class distribution from their average, as a float.

    Between 1 (all images get the same distribution) and the number of classes; higher is better. It is computed over
    all images at once as in TF-GAN, without the split into ten parts that some implementations average over.

    Args:
        logits: [num_images, num_classes].

    Raises:
        ValueError: for NaN or infinity in a logit, or a wrong shape.
    """
    logits = in_content_order(checked_matrix("classifier_score: logits", logits))
    return max(float(_score(logits)), 1.0)  # rounding goes below


def classifier_score_of_splits(
    logits, num_splits: Count = 10, *, seed=0, shuffle_seed: Seed | None = None, images_in_order: bool = False
):
    """`SplitScore` as the paper reports it: the images are cut into ten parts at random and each part is scored.

    Lower than `classifier_score` of all images, since each part is smaller; do not compare the two.

    Args:
        logits: [num_images, num_classes], at least `num_splits` rows.
        num_splits: number of parts; their sizes differ by one at most.
        seed: of the permutation if `shuffle_seed` is None.
        shuffle_seed: seed of the permutation before the split; None: `seed`, and no permutation with `images_in_order`.
        images_in_order: whether the permutation starts from the order given: with `shuffle_seed` 2020 as in
            torch-fidelity, without one as in the paper, which is very wrong for images sorted by class.

    Raises:
        ValueError: for NaN or infinity in a logit, or fewer images than parts.
    """
    logits = checked_matrix("classifier_score_of_splits: logits", logits)
    check_num_splits(len(logits), num_splits)
    if not images_in_order:
        logits = logits[shuffled_order(logits, seed if shuffle_seed is None else shuffle_seed, "classifier score")]
    elif shuffle_seed is not None:
        logits = logits[np.random.RandomState(shuffle_seed).permutation(len(logits))]
    edges = [part * len(logits) // num_splits for part in range(num_splits + 1)]
    scores = [_score(logits[first:last]) for first, last in zip(edges, edges[1:], strict=False)]
    return SplitScore(float(np.mean(scores)), float(np.std(scores)), num_splits)


def check_num_splits(num_images, num_splits):
    """Raises a `ValueError` if images cannot be cut into this number of parts."""
    if not 1 <= num_splits <= num_images:
        raise ValueError(
            f"classifier_score_of_splits.num_splits: expected 1 to {num_images}, the number of images, got {num_splits}"
        )


def _score(logits):
    log_probabilities = scipy.special.log_softmax(logits.astype(np.float64, copy=False), axis=1)
    probabilities = np.exp(log_probabilities)
    marginal = probabilities.mean(axis=0)
    # Two entropies apart: a class that never occurs has log 0, which xlogy takes as 0.
    negative_entropy = np.mean(np.sum(probabilities * log_probabilities, axis=1))
    return np.exp(negative_entropy - np.sum(scipy.special.xlogy(marginal, marginal)))
