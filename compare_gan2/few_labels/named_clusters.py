"""Clusters that are given classes one to one, so that the classes of the images fit them best as a whole."""

import numpy as np


def clusters_by_class(clusters, scores):
    """Clusters float [n,K] with their columns in the order of the classes (the Hungarian method, Kuhn 1955).

    Each cluster is given one class, so that the sum over all images of their share in a cluster times their score of
    its class is largest. So a class whose only labelled image is in the cluster of another one gets a cluster that the
    others leave.

    Args:
        clusters: share [n,K] of each image in each cluster.
        scores: [n,K] of the classes, such as labels that were spread; the columns are scaled to equal sums.
    """
    from scipy.optimize import linear_sum_assignment

    scores = scores / np.maximum(scores.sum(axis=0), 1e-300)
    of_clusters, classes = linear_sum_assignment(clusters.T @ scores, maximize=True)
    return clusters[:, of_clusters[np.argsort(classes)]]
