"""k-means on the unit sphere whose clusters have equal sizes: assignments by Sinkhorn in place of the nearest centre.

Sources: Dhillon and Modha 2001 (spherical k-means); Caron et al. 2020 (SwAV) for the balanced assignment.
"""

import dataclasses

import numpy as np

from compare_gan2.few_labels.equal_sizes import balanced
from compare_gan2.ground.random_streams import random_state

ITERATIONS = 100


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
    """`BalancedClusters` of the restart with the highest cohesion; ends when no image changes its likeliest cluster.

    Args:
        features: [n,F], of unit length.
        num_clusters: K.
        seed: of the initial centres, whole number in [0, 2**32).
        restarts: number of k-means++ initialisations that are followed to their end.
        temperature: of the assignment; 0.01 suits cosines, higher ones blur the clusters until they are one.
    """
    found = [_from(_start(features, num_clusters, seed, number), features, temperature) for number in range(restarts)]
    return max(found, key=lambda clusters: clusters.cohesion)  # the first one of equals


def _start(features, num_clusters, seed, number):
    from sklearn.cluster import kmeans_plusplus  # here, since scikit-learn takes long to import

    return kmeans_plusplus(features, num_clusters, random_state=random_state(seed, number))[0]


def _from(centres, features, temperature):
    last = None
    for _ in range(ITERATIONS):
        cosines = features @ centres.T
        probabilities = balanced(cosines, temperature)
        likeliest = probabilities.argmax(axis=1)
        if last is not None and np.array_equal(likeliest, last):
            break
        last = likeliest
        sums = probabilities.T @ features
        centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    cohesion = float(np.sum(probabilities * (features @ centres.T)) / len(features))
    return BalancedClusters(centres, probabilities, cohesion)
