"""Which training images keep their label."""

import dataclasses

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
    """How much of the labels training sees.

    Attributes:
        fraction: share of the labels of each class that is kept, in (0, 1].
        seed: chooses which.
        only_labelled: leave the images without a label out of training.
    """

    fraction: float = 1.0
    seed: int = 0
    only_labelled: bool = False


def choose(labels, num_classes, fraction, seed):
    """Boolean mask of the labels to keep: the same share of each class, rounded to the nearest whole number.

    A smaller fraction with the same seed keeps a subset of what a larger one keeps.

    Args:
        labels: whole numbers [n] in a fixed order of the images, -1 where there is no label.
        num_classes: number of classes.
        fraction: share in (0, 1].
        seed: whole number from 0 to 2**32 - 1.

    Raises:
        ConfigError: for a fraction or seed out of range, or a class that would be left with no label.
    """
    if not 0.0 < fraction <= 1.0:
        raise ConfigError(f"labels.fraction: expected a number above 0 and at most 1, got {fraction}")
    if not 0 <= seed < 2**32:
        raise ConfigError(f"labels.seed: expected a whole number from 0 to {2**32 - 1}, got {seed}")
    labels = np.asarray(labels)
    mask = np.zeros(labels.shape, bool)
    for label in range(num_classes):
        members = np.flatnonzero(labels == label)
        keep = int(np.floor(fraction * len(members) + 0.5))
        if len(members) and not keep:
            raise ConfigError(
                f"labels.fraction: {fraction} of the {len(members)} images of class {label} leaves it without a label"
            )
        # A stream of its own for each class, so that the sizes of other classes do not matter.
        mask[np.random.RandomState([seed, label]).permutation(members)[:keep]] = True
    return mask


def restrict(dataset, options):
    """The dataset with its training labels hidden, and images left out, as the options say.

    Raises:
        ConfigError: for options that the dataset cannot meet, see `choose`.
    """
    if options.fraction == 1.0 and not options.only_labelled:
        return dataset
    if dataset.num_classes is None or dataset.has_soft_labels:
        kind = "soft labels" if dataset.has_soft_labels else "no labels"
        raise ConfigError(f"labels.fraction and labels.only_labelled: dataset {dataset.name} has {kind}")
    labels = dataset.source.training_labels() if dataset.labels is None else dataset.labels
    kept = np.ones(labels.shape, bool) if dataset.kept is None else dataset.kept
    labels = np.where(kept, labels, UNLABELLED)
    if options.fraction != 1.0:
        labels = np.where(choose(labels, dataset.num_classes, options.fraction, options.seed), labels, UNLABELLED)
    if options.only_labelled:
        kept = labels >= 0
        if not np.any(kept):
            raise ConfigError(f"labels.only_labelled: no training image of {dataset.name} has a label")
    return dataclasses.replace(dataset, labels=labels.astype(np.int32), kept=None if np.all(kept) else kept)


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
