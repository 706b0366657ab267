"""Clusters matched one to one with classes, so that the images fit best as a whole."""

import numpy as np


def clusters_by_class(clusters, scores):
    """Clusters float [n,K] with their columns in the order of the classes (the Hungarian method, Kuhn 1955).

    The matching has the largest sum, over all images, of the share in a cluster times the score of its class. So a
    class whose only labelled image is in another class's cluster gets a cluster that is left over.

    Args:
        clusters: [n,K], share of each image in each cluster.
        scores: [n,K], scores of the classes, such as spread labels; the columns are scaled to equal sums.
    """
    from scipy.optimize import linear_sum_assignment

    scores = scores / np.maximum(scores.sum(axis=0), 1e-300)
    of_clusters, classes = linear_sum_assignment(clusters.T @ scores, maximize=True)
    return clusters[:, of_clusters[np.argsort(classes)]]
