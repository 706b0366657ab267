"""The labels that a task or an inference may see, and whether each class has one."""

import numpy as np

from compare_gan2.ground.errors import ConfigError


def given_labels(dataset):
    """Labels int [n] that training may see, -1 for the other images."""
    labels = dataset.source.training_labels() if dataset.labels is None else dataset.labels
    return np.where(dataset.labelled_mask, labels, -1)


def require_each_class(dataset, what):
    """Raises a `ConfigError` if a class of a dataset has no labelled image."""
    counts = np.bincount(given_labels(dataset)[dataset.labelled_mask], minlength=dataset.num_classes)
    missing = np.flatnonzero(counts == 0)
    if missing.size:
        names = dataset.class_names or range(dataset.num_classes)
        raise ConfigError(
            f"{what}: expected a labelled image of each of the {dataset.num_classes} classes of {dataset.name}, got "
            f"none of {missing.size} (such as {names[missing[0]]}); label one (labels.file), or keep one of each class "
            "with labels.per_class or labels.at_least_one"
        )


def label_shares(dataset):
    """Share float64 [K] of each class among the labels that training may see."""
    labels = given_labels(dataset)
    counts = np.bincount(labels[labels >= 0], minlength=dataset.num_classes)
    return counts / counts.sum()
