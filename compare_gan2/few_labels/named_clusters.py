"""Clusters that are given classes one to one, so that the classes of the labelled images fit them best as a whole."""

import numpy as np


def class_of_each(centres, features, labels, num_classes):
    """Class int64 [K] of each of K = `num_classes` clusters, each class once (the Hungarian method, Kuhn 1955).

    The sum over the classes of the mean cosine of their labelled images with the centre of their cluster is largest.
    So a class whose only labelled image is in the cluster of another one gets the cluster that is left.

    Args:
        centres: [K,F], of unit length.
        features: [m,F] of the labelled images, of unit length.
        labels: int [m], each class at least once.
        num_classes: number of classes.
    """
    from scipy.optimize import linear_sum_assignment

    means = np.stack([features[labels == label].mean(axis=0) for label in range(num_classes)])
    clusters, classes = linear_sum_assignment(centres @ means.T, maximize=True)
    named = np.empty(num_classes, np.int64)
    named[clusters] = classes
    return named
