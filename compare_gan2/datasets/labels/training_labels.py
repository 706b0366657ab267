"""The labels of training: stored, or others in their place; `LabelOptions` hide some of them."""

import dataclasses

import numpy as np

from compare_gan2.datasets.labels import label_options, label_table, replacement
from compare_gan2.datasets.labels.completed_source import CompletedSource
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
    if options.file is not None and source != "stored":
        raise ConfigError(
            f"labels.file: expected stored labels to replace, {name} has {source} ones, got {options.file!r}"
        )
    if options.file is not None and pattern is not None:
        raise ConfigError(
            f"labels.file, replace_labels.file_pattern: expected one of them, got {options.file!r} and {pattern!r}"
        )
    if pattern is not None and (source in ("single", "random") or num_classes is None):
        kind = f"{source} labels of its own" if source in ("single", "random") else "no labels"
        raise ConfigError(f"replace_labels.file_pattern: this dataset has {kind}, got {pattern!r}")
    if source == "random" and num_classes is None:
        raise ConfigError(f"labels.source: random labels are drawn among the classes, {name} has none")
    if source == "soft" and pattern is None and not fake:
        raise ConfigError("replace_labels.file_pattern: soft labels come from files, no value is given")
    if options.changes and num_classes is None and source != "single" and options.file is None:
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
    elif options.file is not None and not fake:
        dataset = _from_table(dataset, label_table.read_table(options.file), partly_labelled)
    elif source == "soft" or pattern is not None:
        dataset = dataclasses.replace(dataset, labels=_from_files(dataset, pattern, source == "soft", fake))
    elif partly_labelled:
        dataset = dataclasses.replace(dataset, labels=dataset.source.training_labels())
    if partly_labelled and not fake:
        dataset = dataclasses.replace(dataset, unlabelled=("train",))
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


def _from_table(dataset, table, partly_labelled):
    """The dataset with the labels of a `LabelTable`; they count as stored ones where the data stores none.

    Labels of test images that are stored never change.
    """
    source, has_classes = dataset.source, dataset.num_classes is not None
    num_classes, class_names, numbers = table.classes(dataset.num_classes, dataset.class_names)
    names, others = source.training_names(), {} if table.by_number else source.other_names()
    table.require_known([*names, *others], source.num_train)
    if table.by_number:
        names = [str(number) for number in range(source.num_train)]
    train = table.of_images(names, numbers)
    test = np.full([source.num_test], label_options.UNLABELLED, np.int32)
    held_out = {name: number for name, number in others.items() if number is not None and name in table.labels}
    for name, number in held_out.items():
        test[number] = numbers[table.labels[name]]
    _require_each_class(dataset, table, train, test, class_names or range(num_classes))
    note = f"{table.path}: {np.sum(train >= 0)} training images have a label (labels.file)"
    for what, count in (
        ("rows of images held out for scores, not trained on", len(held_out)),
        ("rows of images that are left out", len(table.labels) - len(held_out) - int(np.sum(train >= 0))),
        ("rows without a label", len(table.empty)),
    ):
        note += f"; {what}: {count}" if count else ""
    unlabelled = dataset.unlabelled
    if not has_classes:
        unlabelled = tuple(split for split, given in (("train", train), ("test", test)) if np.any(given < 0))
    if not has_classes or dataset.unlabelled or partly_labelled:
        source = CompletedSource(source, train, test, keeps_stored=has_classes)
    return dataclasses.replace(
        dataset,
        source=source,
        labels=train,
        num_classes=num_classes,
        class_names=class_names,
        unlabelled=unlabelled,
        notes=(*dataset.notes, note),
    )


def _require_each_class(dataset, table, train, test, classes):
    missing = [number for number in range(len(classes)) if not np.any(train == number)]
    if missing:
        held_out = [classes[number] for number in missing if np.any(test == number)]
        why = ""
        if held_out:
            why = f"; rows of {held_out[0]} are of images held out for scores (folder.test_fraction): label another one"
        raise DataError(
            f"{label_table.OPTION}: {table.path}: expected a label for each of the {len(classes)} classes of "
            f"{dataset.name}, got none of a training image for {len(missing)} (such as {classes[missing[0]]}){why}"
        )


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
