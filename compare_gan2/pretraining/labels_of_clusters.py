"""Labels by the clusters of an extractor's features."""

import dataclasses

import numpy as np

from compare_gan2.ground.messages import log
from compare_gan2.pretraining import cluster_numbers, features
from compare_gan2.pretraining.clustering import cluster, report
from compare_gan2.pretraining.inferred_values import InferredValues


def labels_of_clusters(model, dataset, options, true_of):
    """(`InferredValues`, {name: agreement with true labels, silhouettes}); see `labels_of_classifier`.

    Args:
        model: `PretrainModel`.
        dataset: `ImageDataset`.
        options: `ClusteringOptions`.
        true_of: function (stored labels [n]) -> true labels [n], -1 if unknown.
    """
    parts = features.stream(model, dataset, "train")
    points, stored = map(np.concatenate, zip(*((part.features, part.labels) for part in parts), strict=True))
    true, facts = true_of(stored), {}
    if options.candidates:
        facts["silhouettes"] = cluster_numbers.silhouettes(points, options)
        log.info(cluster_numbers.in_words(facts["silhouettes"], options.num_clusters))
    if options.chooses:
        options = dataclasses.replace(options, num_clusters=cluster_numbers.best_of(facts["silhouettes"]))
    found = cluster(points, options)
    inferred = InferredValues(found.assignments, found.assignments, -found.distances, None, true)
    return inferred, report(found, true, options.num_clusters) | facts
