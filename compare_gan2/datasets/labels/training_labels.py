"""The labels of training: stored, or others in their place; `LabelOptions` hide some of them."""

import dataclasses

import numpy as np

from compare_gan2.datasets.labels import label_options, replacement
from compare_gan2.ground.errors import ConfigError, DataError


def check_label_options(name, num_classes, options, replace_labels, own="stored", fake=False):
    """Refuses label options that a dataset cannot meet, as far as its images are not needed to know that.

    Args:
        name: of the dataset, for messages.
        num_classes: of its stored labels; None without labels.
        options: `LabelOptions`.
        replace_labels: `ReplaceLabels`.
        own: `catalog.Entry.label`.
        fake: whether the images are made up, so that no file of labels is read.

    Raises:
        ConfigError: naming the option.
    """
    if own != "stored" and options.source != "stored":
        raise ConfigError(f"labels.source: dataset {name} has {own} labels of its own, got {options.source!r}")
    source, pattern = _source(own, options), replace_labels.file_pattern
    if pattern is not None and (source in ("single", "random") or num_classes is None):
        kind = f"{source} labels of its own" if source in ("single", "random") else "no labels"
        raise ConfigError(f"replace_labels.file_pattern: this dataset has {kind}, got {pattern!r}")
    if source == "random" and num_classes is None:
        raise ConfigError(f"labels.source: random labels are drawn among the classes, {name} has none")
    if source == "soft" and pattern is None and not fake:
        raise ConfigError("replace_labels.file_pattern: soft labels come from files, no value is given")
    if options.changes and num_classes is None and source != "single":
        raise label_options.no_class_per_image(name, "no labels")
    if options.changes and source == "soft":
        raise label_options.no_class_per_image(name, "soft labels")


def with_training_labels(
    dataset,
    options,
    replace_labels,
    *,
    own="stored",
    only_labelled=False,
    partly_labelled=False,
    inferred=None,
    fake=False,
):
    """The dataset with the labels that training sees.

    Args:
        dataset: `ImageDataset`, its labels as stored.
        options: `LabelOptions`.
        replace_labels: `ReplaceLabels`.
        own: `catalog.Entry.label`.
        only_labelled: leave out images without a label, whatever the options say.
        partly_labelled: whether some stored labels are -1.
        inferred: `InferredLabels` that replace all others in the end; None: the others stay.
        fake: whether the images are made up, so that no file of labels fits them.

    Raises:
        ConfigError: for options that the dataset cannot meet.
        DataError: for files of labels that are missing, unreadable or unfit.
    """
    check_label_options(dataset.name, dataset.num_classes, options, replace_labels, own, fake)
    source, pattern = _source(own, options), replace_labels.file_pattern
    if source in ("single", "random"):
        dataset = _without_classes(dataset, source, options.seed)
    elif pattern is not None and not fake and (described := replacement.description_of(pattern)) is not None:
        dataset = _described(dataset, described, source)
    elif source == "soft" or pattern is not None:
        dataset = dataclasses.replace(dataset, labels=_from_files(dataset, pattern, source == "soft", fake))
    elif partly_labelled:
        dataset = dataclasses.replace(dataset, labels=dataset.source.training_labels())
    dataset = label_options.restrict(
        dataset, dataclasses.replace(options, only_labelled=only_labelled or options.only_labelled)
    )
    return dataset if inferred is None else with_inferred(dataset, inferred)


def with_inferred(dataset, inferred):
    """The dataset with inferred labels on every training image.

    Args:
        dataset: `ImageDataset`.
        inferred: `InferredLabels`; zeros or equal probabilities take their place while files are to be made.

    Raises:
        DataError: for other classes than the dataset has, or files that do not fit it.
    """
    if inferred.are_classes and dataset.num_classes != inferred.num_classes:
        raise DataError(
            f"inferred labels: expected the {dataset.num_classes} classes of {dataset.name}, got {inferred.num_classes}"
        )
    if inferred.file_pattern is None:
        shape = [dataset.source.num_train, *([inferred.num_classes] if inferred.soft else [])]
        values = np.broadcast_to(np.float32(1 / inferred.num_classes) if inferred.soft else np.int32(0), shape)
    else:
        names = dataset.source.training_names()
        values = replacement.read_labels(
            inferred.file_pattern,
            names,
            inferred.num_classes,
            inferred.soft,
            dataset.name,
            dataset.source.content("train"),
        )
    return dataclasses.replace(
        dataset,
        labels=values,
        num_classes=inferred.num_classes,
        class_names=dataset.class_names if inferred.are_classes else None,
        labels_are_classes=dataset.labels_are_classes and inferred.are_classes,
    )


def _source(own, options):
    """Where labels come from: those of the catalogue's entry before those that the options ask for."""
    return options.source if own == "stored" else own


def _described(dataset, described, source):
    """The dataset with labels from files whose manifest or first record says of which kind they are."""
    if source == "soft" and not described.soft:
        raise DataError(
            f"replace_labels.file_pattern: {dataset.name} expects soft labels, the manifest beside "
            f"{described.file_pattern} has hard ones"
        )
    if described.are_classes and described.num_classes != dataset.num_classes:
        raise DataError(
            f"replace_labels.file_pattern: expected the {dataset.num_classes} classes of {dataset.name}, "
            f"{described.file_pattern} has {described.num_classes}"
        )
    return with_inferred(dataset, described)


def _without_classes(dataset, source, seed):
    """The dataset with one class for all images, or a random class for each."""
    num_train = dataset.source.num_train
    if source == "random":
        values, num_classes = label_options.random_labels(num_train, dataset.num_classes, seed), dataset.num_classes
    else:
        values, num_classes = np.zeros([num_train], np.int32), 1
    return dataclasses.replace(
        dataset, labels=values, num_classes=num_classes, class_names=None, labels_are_classes=False
    )


def _from_files(dataset, pattern, soft, fake):
    """Labels that `replace_labels` names; None where fake data keeps its own."""
    source = dataset.source
    if fake:
        return np.eye(dataset.num_classes, dtype=np.float32)[source.training_labels()] if soft else None
    names = source.training_names()
    content = source.content("train")
    return replacement.read_labels(pattern, names, dataset.num_classes, soft, dataset.name, content)
