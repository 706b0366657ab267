"""Which training images keep their label."""

import dataclasses
from typing import Literal

import numpy as np

from compare_gan2.configuration import ConfigError, configurable

UNLABELLED = -1


@dataclasses.dataclass(frozen=True)
class InferredLabels:
    """Labels that pre-training gives every training image.

    Attributes:
        file_pattern: of their files, see `replacement`; None if they are still to be made.
        num_classes: how many there are.
        soft: whether they are class probabilities.
        are_classes: whether they are the dataset's own classes.
    """

    file_pattern: str | None
    num_classes: int
    soft: bool
    are_classes: bool


@configurable("labels", module="compare_gan2.datasets.labels")
@dataclasses.dataclass(frozen=True)
class LabelOptions:
    """Which labels training sees.

    Attributes:
        source: "stored": those of the dataset or of `replace_labels`; "single": one class, 0, for all images; "random":
            a class for each image, drawn once.
        fraction: share of the labels of each class that is kept, in (0, 1].
        per_class: number of labels of each class that is kept, in place of a fraction.
        noise: share of the kept labels that is replaced by another class, in [0, 1], for experiments.
        seed: chooses which.
        only_labelled: leave the images without a label out of training.
    """

    source: Literal["stored", "single", "random"] = "stored"
    fraction: float = 1.0
    per_class: int | None = None
    noise: float = 0.0
    seed: int = 0
    only_labelled: bool = False

    def __post_init__(self):
        if not 0.0 < self.fraction <= 1.0:
            raise ConfigError(f"labels.fraction: expected a number above 0 and at most 1, got {self.fraction}")
        if self.per_class is not None and self.per_class < 1:
            raise ConfigError(f"labels.per_class: expected at least 1, got {self.per_class}")
        if self.per_class is not None and self.fraction != 1.0:
            raise ConfigError("labels.fraction and labels.per_class: expected one of them, got both")
        if not 0.0 <= self.noise <= 1.0:
            raise ConfigError(f"labels.noise: expected a number from 0 to 1, got {self.noise}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"labels.seed: expected a whole number from 0 to {2**32 - 1}, got {self.seed}")

    @property
    def changes_nothing(self):
        """Whether all stored labels are seen as they are."""
        return dataclasses.replace(self, seed=0) == LabelOptions()


def choose(labels, num_classes, options):
    """Boolean mask of the labels to keep: the same share of each class, rounded to whole numbers, or the same number.

    With the same seed a smaller fraction or number keeps a subset of what a larger one keeps.

    Args:
        labels: whole numbers [n] in a fixed order of the images, -1 where there is no label.
        num_classes: number of classes.
        options: `LabelOptions`.

    Raises:
        ConfigError: if a class would be left with no label, or has fewer than `per_class`.
    """
    labels = np.asarray(labels)
    mask = np.zeros(labels.shape, bool)
    for label in range(num_classes):
        members = np.flatnonzero(labels == label)
        if not len(members):
            if options.per_class is not None:
                raise ConfigError(f"labels.per_class: class {label} has no labelled image, got {options.per_class}")
            continue
        # A stream of its own for each class, so that the sizes of other classes do not matter.
        order = np.random.RandomState([options.seed, label]).permutation(members)
        mask[order[: _number(len(members), label, options)]] = True
    return mask


def _number(available, label, options):
    """Labels of a class that are kept."""
    if options.per_class is not None:
        if options.per_class > available:
            raise ConfigError(f"labels.per_class: class {label} has {available} labels, got {options.per_class}")
        return options.per_class
    keep = int(np.floor(options.fraction * available + 0.5))
    if not keep:
        raise ConfigError(
            f"labels.fraction: {options.fraction} of the {available} images of class {label} leaves it without a label"
        )
    return keep


def with_noise(labels, num_classes, noise, seed):
    """Labels int [n], -1 where there is none, of which a share of the others is replaced by another class each."""
    labelled = np.flatnonzero(labels >= 0)
    count = int(np.floor(noise * len(labelled) + 0.5))
    if count and num_classes < 2:
        raise ConfigError(f"labels.noise: there is no other class to replace labels by, got {noise}")
    random = np.random.RandomState([seed, 2**31 + 1])
    chosen = random.permutation(labelled)[:count]
    changed = np.array(labels)
    changed[chosen] = (labels[chosen] + random.randint(1, max(num_classes, 2), count)) % num_classes
    return changed


def restrict(dataset, options):
    """The dataset with its training labels replaced or hidden, and images left out, as the options say.

    Raises:
        ConfigError: for options that the dataset cannot meet, see `choose`.
    """
    if options.changes_nothing:
        return dataset
    dataset = _with_source(dataset, options)
    if dataclasses.replace(options, source="stored").changes_nothing:
        return dataset
    if dataset.num_classes is None or dataset.has_soft_labels:
        kind = "soft labels" if dataset.has_soft_labels else "no labels"
        raise ConfigError(
            "labels.fraction, labels.per_class, labels.noise and labels.only_labelled: "
            f"dataset {dataset.name} has {kind}"
        )
    labels = dataset.source.training_labels() if dataset.labels is None else dataset.labels
    kept = np.ones(labels.shape, bool) if dataset.kept is None else dataset.kept
    labels = np.where(kept, labels, UNLABELLED)
    if options.fraction != 1.0 or options.per_class is not None:
        labels = np.where(choose(labels, dataset.num_classes, options), labels, UNLABELLED)
    labels = with_noise(labels, dataset.num_classes, options.noise, options.seed)
    if options.only_labelled:
        kept = labels >= 0
        if not np.any(kept):
            raise ConfigError(f"labels.only_labelled: no training image of {dataset.name} has a label")
    return dataclasses.replace(dataset, labels=labels.astype(np.int32), kept=None if np.all(kept) else kept)


def _with_source(dataset, options):
    if options.source == "stored":
        return dataset
    if options.source == "single":
        values, classes = np.zeros([dataset.source.num_train], np.int32), 1
    elif dataset.num_classes is None:
        raise ConfigError(f"labels.source: random labels have as many classes as the dataset, {dataset.name} has none")
    else:
        values, classes = (
            random_labels(dataset.source.num_train, dataset.num_classes, options.seed),
            dataset.num_classes,
        )
    return dataclasses.replace(dataset, labels=values, num_classes=classes, class_names=None, labels_are_classes=False)


def with_inferred(dataset, inferred, read):
    """The dataset with inferred labels on every training image.

    Args:
        dataset: `ImageDataset`.
        inferred: `InferredLabels`.
        read: `replacement.read_labels`; not called for labels that are still to be made, in whose place there are zeros
            or uniform probabilities.
    """
    shape = [dataset.source.num_train, *([inferred.num_classes] if inferred.soft else [])]
    if inferred.file_pattern is None:
        value = np.float32(1 / inferred.num_classes) if inferred.soft else np.int32(0)
        values = np.broadcast_to(value, shape)
    else:
        names = dataset.source.training_names()
        values = read(inferred.file_pattern, names, inferred.num_classes, inferred.soft, dataset.name)
    return dataclasses.replace(
        dataset,
        labels=values,
        num_classes=inferred.num_classes,
        class_names=dataset.class_names if inferred.are_classes else None,
        labels_are_classes=inferred.are_classes,
    )


def random_labels(num_images, num_classes, seed):
    """Labels int32 [num_images], uniform, the same in every epoch."""
    return np.random.RandomState([seed, 2**31]).randint(0, num_classes, num_images).astype(np.int32)
