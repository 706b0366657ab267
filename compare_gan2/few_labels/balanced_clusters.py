"""k-means on the unit sphere whose clusters have equal sizes: assignments by Sinkhorn in place of the nearest centre.

Sources: Dhillon and Modha 2001 (spherical k-means); Caron et al. 2020 (SwAV) for the balanced assignment.
"""

import dataclasses

import numpy as np

from compare_gan2.few_labels.sinkhorn import balanced_from
from compare_gan2.ground.random_streams import random_state

ITERATIONS = 100
CHANGED = 1e-3  # share of the images that may still change their likeliest cluster at the end
TOLERANCE = 1e-2  # of the sizes before the end, see `sinkhorn`


@dataclasses.dataclass(frozen=True, eq=False)
class BalancedClusters:
    """Clusters of n images.

    Attributes:
        centres: float64 [K,F], of unit length.
        probabilities: float64 [n,K], each row sums to 1, each column to n / K.
        cohesion: sum over images and clusters of probability times cosine with the centre, divided by n.
    """

    centres: np.ndarray
    probabilities: np.ndarray
    cohesion: float


def balanced_clusters(features, num_clusters, *, seed, restarts, temperature):
    """`BalancedClusters` of the restart with the highest cohesion.

    Args:
        features: [n,F], of unit length.
        num_clusters: K.
        seed: seed of the initial centres, a whole number in [0, 2**32).
        restarts: number of k-means++ initialisations, each run to its end.
        temperature: temperature of the assignment; 0.005 suits cosines, higher ones let the sizes differ.
    """
    found = [_from(_start(features, num_clusters, seed, number), features, temperature) for number in range(restarts)]
    return max(found, key=lambda clusters: clusters.cohesion)  # the first one of equals


def _start(features, num_clusters, seed, number):
    from sklearn.cluster import kmeans_plusplus  # here, since scikit-learn takes long to import

    return kmeans_plusplus(features, num_clusters, random_state=random_state(seed, number))[0]


def _from(centres, features, temperature):
    last, offsets = None, np.zeros(len(centres))
    for _ in range(ITERATIONS):
        probabilities, offsets = balanced_from(offsets, features @ centres.T, temperature, tolerance=TOLERANCE)
        likeliest = probabilities.argmax(axis=1)
        if last is not None and np.mean(likeliest != last) <= CHANGED:
            break
        last = likeliest
        centres = _means(features, likeliest, centres)
    cosines = features @ centres.T
    probabilities, _ = balanced_from(offsets, cosines, temperature)
    return BalancedClusters(centres, probabilities, float(np.sum(probabilities * cosines) / len(features)))


def _means(features, clusters, centres):
    """Mean directions [K,F] of the images of each cluster; an empty cluster keeps its centre.

    An image counts for its likeliest cluster alone: means weighted by probabilities would merge neighbouring centres.
    """
    sums = np.zeros_like(centres)
    np.add.at(sums, clusters, features)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centres)
