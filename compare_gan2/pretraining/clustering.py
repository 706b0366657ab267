"""Classes without labels: mini-batch k-means (Sculley 2010) on the features of a pre-trained extractor."""

import dataclasses

import numpy as np

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Seed, Size
from compare_gan2.ground.errors import ConfigError

BATCH_SIZE = 1024
STARTS = 10  # initialisations, of which the best is taken


@configurable("clustering", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class ClusteringOptions:
    """How images are clustered.

    Attributes:
        num_clusters: k, which is also the number of classes of the GAN.
        seed: of the initial centres.
    """

    num_clusters: Size = 50
    seed: Seed = 0

    def __post_init__(self):
        check_fields(self)


@dataclasses.dataclass(frozen=True, eq=False)
class Clusters:
    """The cluster of each image.

    Attributes:
        assignments: int64 [n], the cluster of each image.
        distances: float [n], from each image's standardised features to the centre of its cluster.
    """

    assignments: np.ndarray
    distances: np.ndarray


def cluster(features, options):
    """`Clusters` of features [n,F], each scaled to mean 0 and deviation 1 first, so that none outweighs the others.

    Raises:
        ConfigError: for more clusters than images.
    """
    if options.num_clusters > len(features):
        raise ConfigError(
            f"clustering.num_clusters: expected at most the number of images ({len(features)}), "
            f"got {options.num_clusters}"
        )
    from sklearn.cluster import MiniBatchKMeans  # here, since scikit-learn takes long to import
    from sklearn.preprocessing import StandardScaler

    standardised = StandardScaler().fit_transform(features)
    means = MiniBatchKMeans(
        options.num_clusters, random_state=options.seed, batch_size=BATCH_SIZE, n_init=STARTS, reassignment_ratio=0.01
    ).fit(standardised)
    assignments = means.predict(standardised)
    distances = np.linalg.norm(standardised - means.cluster_centers_[assignments], axis=1)
    return Clusters(assignments.astype(np.int64), distances)


def purity(assignments, labels):
    """Share of the images whose class is the most frequent one of their cluster."""
    from sklearn.metrics.cluster import contingency_matrix

    return float(contingency_matrix(labels, assignments).max(axis=0).sum() / len(labels))


def report(clusters, labels, num_clusters):
    """{name: number}: cluster sizes and, over the images with a label, purity and normalised mutual information.

    Args:
        clusters: `Clusters` of n images.
        labels: [n], -1 for unlabelled images.
        num_clusters: of the clusters.
    """
    sizes = np.bincount(clusters.assignments, minlength=num_clusters)
    found = {"cluster_sizes": sizes.tolist()}
    if np.any(labels >= 0):
        from sklearn.metrics import normalized_mutual_info_score

        known = clusters.assignments[labels >= 0], labels[labels >= 0]
        found["purity"] = purity(*known)
        found["nmi"] = float(normalized_mutual_info_score(*known))
    return found
