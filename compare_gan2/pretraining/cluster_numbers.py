"""How many clusters: the number with the highest mean silhouette (Rousseeuw 1987)."""

import dataclasses

import numpy as np

from compare_gan2.ground.random_streams import random_state
from compare_gan2.pretraining.clustering import cluster, scaled

MOST_IMAGES = 5000  # drawn at random from more of them, since silhouettes need all pairs
_SAMPLE = 2**31 + 2  # random stream of its own


def silhouettes(features, options):
    """{number as text: mean silhouette} for each of `options.candidates`, in [-1, 1], higher for clearer clusters.

    The silhouette of an image is (b - a) / max(a, b), with a its mean distance to the other images of its cluster and b
    that to the images of the next cluster. Distances are those of the space that is clustered.

    Args:
        features: [n,F].
        options: `ClusteringOptions` with candidates.
    """
    from sklearn.metrics import silhouette_score

    points = scaled(features, options)
    chosen = np.sort(random_state(options.seed, _SAMPLE).permutation(len(points))[:MOST_IMAGES])
    found = {}
    for number in options.candidates:
        assignments = cluster(features, dataclasses.replace(options, num_clusters=number)).assignments[chosen]
        several = 1 < len(np.unique(assignments)) < len(chosen)
        found[str(number)] = float(silhouette_score(points[chosen], assignments)) if several else -1.0
    return found


def best_of(found):
    """The number of clusters with the highest silhouette, the first one of equals."""
    return int(max(found, key=found.get))


def in_words(found, bound):
    """One line: the silhouettes, which number has the highest, and which one is used.

    Args:
        found: of `silhouettes`.
        bound: `ClusteringOptions.num_clusters`.
    """
    best = best_of(found)
    shown = ", ".join(f"{number} {value:.3f}" for number, value in found.items())
    then = f"clustering.num_clusters = {bound} is used until you bind {best}"
    if bound in (best, "silhouette"):
        then = "which is bound" if bound == best else "which is used"
    return f"clusters: mean silhouette of {shown}; highest with {best}, {then}"
