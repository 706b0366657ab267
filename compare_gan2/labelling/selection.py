"""Which images to label: those that stand for many others in the space of a network's features."""

import dataclasses

import numpy as np

from compare_gan2.few_labels.propagation import unit_length
from compare_gan2.ground.errors import ConfigError

_STARTS = 10  # initialisations of k-means, of which the best is taken
_LEAST_WEIGHT = 1e-3  # of an image whose class is certain, so that it still counts in its cluster


@dataclasses.dataclass(frozen=True, eq=False)
class Selection:
    """Chosen images, the one that stands for most others first.

    Attributes:
        indices: int64 [count], of the images, without repetition.
        shares: float64 [count], share of all images, weighted if they have weights, that each stands for.
    """

    indices: np.ndarray
    shares: np.ndarray


def typical(features, count, seed=0, weights=None):
    """`Selection` of `count` medoids, those of the clusters of k-means on features of unit length.

    Args:
        features: float [n, F].
        count: number of images.
        seed: of the initial centres.
        weights: float [n] above 0, how much each image matters; None: all alike.

    Raises:
        ConfigError: for more images than there are, or than differ.
    """
    from sklearn.cluster import KMeans  # here, since scikit-learn takes long to import

    unit = unit_length(features)
    different = len(np.unique(unit, axis=0))
    if not 1 <= count <= different:
        same = "" if different == len(unit) else f" ({len(unit)}, of which {different} differ)"
        raise ConfigError(f"count: expected 1 to {different}, the number of images to choose from{same}, got {count}")
    clusters = KMeans(count, n_init=_STARTS, random_state=seed).fit(unit, sample_weight=weights)
    weights = np.ones(len(unit)) if weights is None else np.asarray(weights, np.float64)
    apart = np.linalg.norm(unit - clusters.cluster_centers_[clusters.labels_], axis=1)
    indices, shares = [], []
    for number in range(count):
        members = np.flatnonzero(clusters.labels_ == number)
        indices.append(members[np.argmin(apart[members])])
        shares.append(weights[members].sum() / weights.sum())
    order = np.argsort(-np.array(shares), kind="stable")
    return Selection(np.array(indices, np.int64)[order], np.array(shares)[order])


def uncertain(features, labels, count, seed=0):
    """`Selection` among unlabelled images: medoids of clusters in which an image weighs as much as its class is unsure.

    How unsure is the entropy of a logistic regression on the features of the labelled images; clustering spreads the
    choice (Prabhu et al. 2021, "Active Domain Adaptation via Clustering Uncertainty-weighted Embeddings").

    Args:
        features: float [n, F].
        labels: int [n], -1 for unlabelled images; at least two classes have a label.
        count, seed: see `typical`.

    Raises:
        ConfigError: for more images than are unlabelled, or labels of a single class.
    """
    from sklearn.linear_model import LogisticRegression

    labels, unit = np.asarray(labels), unit_length(features)
    labelled, free = np.flatnonzero(labels >= 0), np.flatnonzero(labels < 0)
    if len(np.unique(labels[labelled])) < 2:
        raise ConfigError("labels: expected labelled images of two or more classes, to see which images are unsure")
    classifier = LogisticRegression(C=10.0, max_iter=1000, random_state=seed).fit(unit[labelled], labels[labelled])
    shares = classifier.predict_proba(unit[free])
    entropy = -np.sum(shares * np.log(np.maximum(shares, 1e-12)), axis=1) / np.log(shares.shape[1])
    found = typical(features[free], count, seed, np.maximum(entropy, _LEAST_WEIGHT))
    return Selection(free[found.indices], found.shares)
