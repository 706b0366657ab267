"""Labels that spread from the labelled images to all others in the space of an extractor's features."""

import dataclasses

import numpy as np

from compare_gan2.few_labels.balanced_clusters import balanced_clusters
from compare_gan2.few_labels.named_clusters import clusters_by_class
from compare_gan2.few_labels.propagation import neighbour_graph, spread, unit_length
from compare_gan2.few_labels.sinkhorn import balanced
from compare_gan2.ground import store
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining import calibration, features
from compare_gan2.pretraining.given_labels import given_labels
from compare_gan2.pretraining.inferred_values import InferredValues, agreement

LEAST = 1e-6  # probability of a class, so that its logarithm is finite


def labels_of_propagation(model, dataset, options, soft, true_of, held_out=None):
    """(`InferredValues`, {name: agreement with true labels, calibration}); labelled images keep their labels.

    Args:
        model: `PretrainModel`.
        dataset: `ImageDataset` with the labels to spread.
        options: `PropagationOptions`.
        soft: whether the values are logits.
        true_of: function (stored labels [n]) -> true labels [n], -1 if unknown.
        held_out: `HeldOut` images to calibrate with, None for none.
    """
    found = features.extract(model, dataset, "train")
    given, known = given_labels(dataset), dataset.labelled_mask
    logits = np.log(np.maximum(propagated(found.features, given, dataset.num_classes, options), LEAST))
    facts = {}
    if held_out is not None:
        temperature, facts = calibration.calibrated(logits[held_out.indices], held_out.labels)
        logits = logits / temperature
    logits[known] = np.where(np.eye(dataset.num_classes, dtype=bool)[given[known]], 0.0, np.log(LEAST))
    probabilities, labels, true = calibration.probabilities_of(logits), logits.argmax(axis=1), true_of(found.labels)
    highest = np.sort(probabilities, axis=1)
    margin = highest[:, -1] - highest[:, -2] if highest.shape[1] > 1 else highest[:, -1]
    inferred = InferredValues(logits.astype(np.float32) if soft else labels, labels, margin, highest[:, -1], true)
    hidden = (true >= 0) & ~known
    if np.any(hidden):
        facts["accuracy_unlabelled"] = float(np.mean(labels[hidden] == true[hidden]))
    return inferred, agreement(labels, true, given) | facts


def propagated(points, labels, num_classes, options):
    """Probabilities float64 [n,K] of the classes; an image that no label reaches has the assumed class shares.

    Args:
        points: features [n,F].
        labels: int [n], -1 for an image without one; each class at least once.
        num_classes: number of classes.
        options: `PropagationOptions`.

    Raises:
        ConfigError: for more neighbours than other images, or an `alpha` with which labels do not settle.
    """
    if options.neighbours >= len(points):
        raise ConfigError(
            f"propagation.neighbours: expected less than the number of images ({len(points)}), got {options.neighbours}"
        )
    directions, known = unit_length(points), np.flatnonzero(labels >= 0)
    sources = np.zeros([len(points), num_classes])
    sources[known, labels[known]] = 1.0
    sources /= sources.sum(axis=0)
    graph = neighbour_graph(directions, options.neighbours)
    scores = spread(graph, sources, options.alpha)
    if options.cluster_weight:
        of_classes = clusters_by_class(_clusters(directions, num_classes, options), scores)
        of_classes /= np.maximum(of_classes.sum(axis=0), 1e-300)
        weight = options.cluster_weight
        if weight == "one_label":
            weight = 1 / (1 + np.bincount(labels[known], minlength=num_classes))
        sources = (1 - weight) * sources + weight * of_classes
        scores = spread(graph, sources, options.alpha)
    shares = np.full(num_classes, 1 / num_classes)
    if options.class_sizes == "labelled":
        shares = np.bincount(labels[known], minlength=num_classes) / len(known)
    totals = scores.sum(axis=1, keepdims=True)
    probabilities = np.where(totals > 0, scores / np.maximum(totals, 1e-300), shares)
    if options.class_sizes == "free":
        return probabilities
    return balanced(np.log(np.maximum(probabilities, LEAST)), 1.0, shares)


def _clusters(directions, count, options):
    """Share float64 [n,count] of each image in each cluster of the directions [n,F]."""
    if options.class_sizes == "equal":
        return balanced_clusters(
            directions, count, seed=options.seed, restarts=options.restarts, temperature=options.temperature
        ).probabilities
    from sklearn.cluster import KMeans  # here, since scikit-learn takes long to import

    return np.eye(count)[KMeans(count, n_init=options.restarts, random_state=options.seed).fit_predict(directions)]


def in_name(options, dataset, held_out):
    """Text for a folder's name that differs with the options, the spread labels and the held-out images.

    Args:
        options: `PropagationOptions`.
        dataset: `ImageDataset` with the labels to spread.
        held_out: `HeldOut`, None for none.
    """
    calibrated = None if held_out is None else [held_out.indices.tolist(), held_out.labels.tolist()]
    values = {"options": dataclasses.asdict(options), "labels": given_labels(dataset).tolist(), "held out": calibrated}
    return store.key_of(values)[:12]
