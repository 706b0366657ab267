"""Temperature scaling: probabilities are calibrated on labelled images that were held out.

Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", sections 2 and 4.2.
"""

import dataclasses

import numpy as np

from compare_gan2.datasets.labels.label_options import UNLABELLED
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.random_streams import random_state
from compare_gan2.pretraining.given_labels import given_labels

OPTION = "inferred_labels.held_out"
BINS = 15
TEMPERATURES = 0.02, 50.0  # bounds of the search
_HELD_OUT = 2**31 + 3  # random streams apart from others; one for each class


@dataclasses.dataclass(frozen=True, eq=False)
class HeldOut:
    """Labelled training images that neither pre-training nor the inference of labels may use.

    Attributes:
        indices: int64 [m], ascending.
        labels: int32 [m].
    """

    indices: np.ndarray
    labels: np.ndarray


def hold_out(dataset, share):
    """(dataset without the labels of some images, `HeldOut` of these); the same for the same labels.

    The share is that of each class's labelled images, rounded down, so that at least one stays.

    Args:
        dataset: `ImageDataset` whose labels are classes.
        share: in (0, 1).

    Raises:
        ConfigError: if the dataset has no class per image, or no class has enough labelled images.
    """
    if dataset.num_classes is None or dataset.has_soft_labels:
        raise ConfigError(f"{OPTION}: expected a class per image, {dataset.name} has none, got {share}")
    labels = given_labels(dataset).astype(np.int32)
    chosen = []
    for label in range(dataset.num_classes):
        members = random_state(0, _HELD_OUT + label).permutation(np.flatnonzero(labels == label))
        chosen.append(members[: int(share * len(members))])
    indices = np.sort(np.concatenate(chosen))
    if not indices.size:
        most = np.bincount(labels[labels >= 0], minlength=1).max()
        raise ConfigError(
            f"{OPTION}: {share} of at most {most} labelled images of a class leaves none to calibrate with; label more "
            "images, hold out a larger share, or bind 0.0: labels are then not calibrated"
        )
    kept = labels.copy()
    kept[indices] = UNLABELLED
    return dataclasses.replace(dataset, labels=kept), HeldOut(indices, labels[indices])


def probabilities_of(logits):
    """Softmax float64 [n,K] of logits [n,K]."""
    from scipy.special import softmax

    return softmax(np.asarray(logits, np.float64), axis=1)


def fitted_temperature(logits, labels):
    """Temperature above 0 that, as divisor of logits [n,K], makes the labels int [n] likeliest."""
    from scipy.optimize import minimize_scalar

    low, high = np.log(TEMPERATURES)
    found = minimize_scalar(
        lambda logarithm: negative_log_likelihood(logits / np.exp(logarithm), labels),
        bounds=(low, high),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def negative_log_likelihood(logits, labels):
    """Mean cross entropy of logits [n,K] for labels int [n]."""
    from scipy.special import log_softmax

    return float(-np.mean(log_softmax(np.asarray(logits, np.float64), axis=1)[np.arange(len(labels)), labels]))


def expected_calibration_error(probabilities, labels):
    """Mean distance, in [0, 1], of accuracy and probability of the likeliest class, over bins of that probability."""
    highest, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((highest * BINS).astype(int), BINS - 1)
    sums = [np.abs(np.sum(hits[bins == number] - highest[bins == number])) for number in range(BINS)]
    return float(np.sum(sums) / len(labels))


def calibrated(logits, labels):
    """(temperature, {name: number} before and after it) for held-out images: logits [m,K] and labels int [m]."""
    temperature = fitted_temperature(logits, labels)
    before, after = probabilities_of(logits), probabilities_of(logits / temperature)
    facts = {"temperature": temperature, "calibration_images": len(labels)}
    facts |= {"held_out_accuracy": float(np.mean(np.argmax(logits, axis=1) == labels))}
    facts |= {"ece_before": expected_calibration_error(before, labels)}
    facts |= {"ece": expected_calibration_error(after, labels)}
    facts |= {"log_loss_before": negative_log_likelihood(logits, labels)}
    return temperature, facts | {"log_loss": negative_log_likelihood(logits / temperature, labels)}
