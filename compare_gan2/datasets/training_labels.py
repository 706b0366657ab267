"""The labels of training: stored, or others in their place; `labels` hides some of them."""

import dataclasses

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import labels, replacement


def with_training_labels(
    dataset, *, own="stored", only_labelled=False, partly_labelled=False, inferred=None, fake=False
):
    """The dataset with the labels that gin's `labels` and `replace_labels` ask for.

    Args:
        dataset: `ImageDataset`, its labels as stored.
        own: `catalog.Entry.label`.
        only_labelled: leave out images without a label, whatever gin says.
        partly_labelled: whether some stored labels are -1.
        inferred: `InferredLabels` that take the place of all others in the end; None: the others stay.
        fake: whether the images are made up, so that no file fits them.

    Raises:
        ConfigError: for options that the dataset cannot meet, or files that do not fit it.
    """
    options = configuration.build(labels.LabelOptions)
    pattern = configuration.build(replacement.ReplaceLabels).file_pattern
    if own != "stored" and options.source != "stored":
        raise ConfigError(f"labels.source: dataset {dataset.name} has {own} labels of its own, got {options.source!r}")
    source = options.source if own == "stored" else own
    if pattern is not None and (source in ("single", "random") or dataset.num_classes is None):
        kind = f"{source} labels of its own" if source in ("single", "random") else "no labels"
        raise ConfigError(f"replace_labels.file_pattern: this dataset has {kind}, got {pattern!r}")
    if source in ("single", "random"):
        dataset = _without_classes(dataset, source, options.seed)
    elif pattern is not None and not fake and (described := replacement.description_of(pattern)) is not None:
        dataset = _described(dataset, described, source)
    elif source == "soft" or pattern is not None:
        dataset = dataclasses.replace(dataset, labels=_from_files(dataset, pattern, source == "soft", fake))
    elif partly_labelled:
        dataset = dataclasses.replace(dataset, labels=dataset.source.training_labels())
    dataset = labels.restrict(
        dataset, dataclasses.replace(options, only_labelled=only_labelled or options.only_labelled)
    )
    return dataset if inferred is None else with_inferred(dataset, inferred)


def with_inferred(dataset, inferred):
    """The dataset with inferred labels on every training image.

    Args:
        dataset: `ImageDataset`.
        inferred: `InferredLabels`; zeros or equal probabilities take their place while files are to be made.

    Raises:
        ConfigError: for other classes than the dataset has, or files that do not fit it.
    """
    if inferred.are_classes and dataset.num_classes != inferred.num_classes:
        raise ConfigError(
            f"inferred labels: expected the {dataset.num_classes} classes of {dataset.name}, got {inferred.num_classes}"
        )
    if inferred.file_pattern is None:
        shape = [dataset.source.num_train, *([inferred.num_classes] if inferred.soft else [])]
        values = np.broadcast_to(np.float32(1 / inferred.num_classes) if inferred.soft else np.int32(0), shape)
    else:
        names = dataset.source.training_names()
        values = replacement.read_labels(
            inferred.file_pattern, names, inferred.num_classes, inferred.soft, dataset.name
        )
    return dataclasses.replace(
        dataset,
        labels=values,
        num_classes=inferred.num_classes,
        class_names=dataset.class_names if inferred.are_classes else None,
        labels_are_classes=dataset.labels_are_classes and inferred.are_classes,
    )


def _described(dataset, described, source):
    """The dataset with labels from files whose manifest says of which kind they are."""
    if source == "soft" and not described.soft:
        raise ConfigError(
            f"replace_labels.file_pattern: {dataset.name} expects soft labels, the manifest beside "
            f"{described.file_pattern} has hard ones"
        )
    if described.are_classes and described.num_classes != dataset.num_classes:
        raise ConfigError(
            f"replace_labels.file_pattern: expected the {dataset.num_classes} classes of {dataset.name}, "
            f"{described.file_pattern} has {described.num_classes}"
        )
    return with_inferred(dataset, described)


def _without_classes(dataset, source, seed):
    num_train = dataset.source.num_train
    if source == "random" and dataset.num_classes is None:
        raise ConfigError(f"labels.source: random labels are drawn among the classes, {dataset.name} has none")
    if source == "random":
        values, num_classes = labels.random_labels(num_train, dataset.num_classes, seed), dataset.num_classes
    else:
        values, num_classes = np.zeros([num_train], np.int32), 1
    return dataclasses.replace(
        dataset, labels=values, num_classes=num_classes, class_names=None, labels_are_classes=False
    )


def _from_files(dataset, pattern, soft, fake):
    """Labels that `replace_labels` names, None where fake data keeps its own."""
    source = dataset.source
    if fake:
        return np.eye(dataset.num_classes, dtype=np.float32)[source.training_labels()] if soft else None
    if pattern is None:
        raise ConfigError("replace_labels.file_pattern: soft labels come from files, no value is given")
    names = source.training_names()
    return replacement.read_labels(pattern, names, dataset.num_classes, soft, dataset.name)
