"""The labels that training sees: how many are kept, how many are wrong, or others in their place."""

import dataclasses
import typing

import numpy as np

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Count, FileName, PositiveShare, Seed, Share
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.random_streams import random_state

UNLABELLED = -1
_RANDOM_LABELS, _NOISE = 2**31, 2**31 + 1  # streams of their own; smaller numbers are those of the classes


@configurable("labels", module="compare_gan2.datasets.labels")
@dataclasses.dataclass(frozen=True)
class LabelOptions:
    """Which labels training sees; labels of test images never change.

    Attributes:
        fraction: share of the labels of each class that is kept, in (0, 1].
        per_class: number of labels of each class that is kept, in place of a fraction; None: the fraction counts.
        noise: share of the kept labels that is replaced by another class, drawn uniformly, in [0, 1].
        source: "stored"; "single": all images are of one class; "random": a class for each image, drawn once.
        seed: of all these draws, 0 to 2**32 - 1.
        only_labelled: leave the images without a label out of training.
        file: CSV file of the labels, in place of the stored ones: `path`, `name`, `id` or `index` of a training image,
            and `label`; images without a row are unlabelled. None: labels as stored.
        allow_fewer: whether a class with fewer labelled images than `per_class` keeps as many as there are.
        at_least_one: whether a class that the fraction would leave without a label keeps one.

    Raises:
        ConfigError: for a value out of range, or both a fraction and a number per class.
    """

    fraction: PositiveShare = 1.0
    per_class: Count | None = None
    noise: Share = 0.0
    source: typing.Literal["stored", "single", "random"] = "stored"
    seed: Seed = 0
    only_labelled: bool = False
    file: FileName | None = None
    allow_fewer: bool = False
    at_least_one: bool = False

    def __post_init__(self):
        check_fields(self)
        if self.per_class is not None and self.fraction != 1.0:
            raise ConfigError(
                f"labels.per_class, labels.fraction: expected one of them, got {self.per_class} and {self.fraction}"
            )

    @property
    def changes(self):
        """Whether a label is hidden or replaced by noise, or an image is left out."""
        return self.fraction != 1.0 or self.per_class is not None or self.noise > 0 or self.only_labelled


@dataclasses.dataclass(frozen=True)
class InferredLabels:
    """Labels that a pre-trained model gave to all training images; `replacement` describes their files.

    Attributes:
        file_pattern: as `replace_labels.file_pattern`; None if the files are still to be made.
        num_classes: number of classes or clusters.
        soft: whether records hold logits instead of labels.
        are_classes: whether the labels are the dataset's own classes (clusters are not).
    """

    file_pattern: str | None
    num_classes: int
    soft: bool = False
    are_classes: bool = True


def choose(labels, num_classes, options, class_names=None):
    """Boolean mask [n] of the labels to keep: the same share of each class, rounded to the nearest whole number.

    With the same seed, a smaller share keeps a subset of what a larger one keeps.

    Args:
        labels: whole numbers [n] in a fixed order of the images, -1 for unlabelled ones.
        num_classes: number of classes.
        options: `LabelOptions`.
        class_names: a name for each class, for messages; None: its number.

    Raises:
        ConfigError: for a class that would be left with no label, or with fewer than `per_class`, unless the options
            allow it.
    """
    labels = np.asarray(labels)
    mask = np.zeros(labels.shape, bool)
    for label, name in enumerate(class_names or range(num_classes)):
        members = np.flatnonzero(labels == label)
        keep = options.per_class
        if keep is None:
            keep = int(np.floor(options.fraction * len(members) + 0.5))
            if len(members) and not keep and not options.at_least_one:
                raise ConfigError(
                    f"labels.fraction: {options.fraction} of the {len(members)} images of class {name} leaves it "
                    "without a label; labels.at_least_one = True keeps one"
                )
            keep = max(keep, min(len(members), 1))
        elif keep > len(members) and not (options.allow_fewer and len(members)):
            raise ConfigError(
                f"labels.per_class: class {name} has {len(members)} labelled images, got {keep}"
                + ("; labels.allow_fewer = True keeps as many as there are" if len(members) else "")
            )
        # Each class has a stream of its own, so that the sizes of other classes do not matter.
        mask[random_state(options.seed, label).permutation(members)[:keep]] = True
    return mask


def with_noise(labels, num_classes, noise, seed):
    """Labels int32 [n] of which a share, rounded to the nearest whole number, is replaced by another class.

    With the same seed, more noise replaces all that less replaces, by the same classes.

    Args:
        labels: int32 [n], -1 for unlabelled images.
        num_classes: number of classes.
        noise: share in [0, 1] of the labels that are not -1.
        seed: whole number from 0 to 2**32 - 1.

    Raises:
        ConfigError: if there is only one class.
    """
    if not noise:
        return labels
    if num_classes < 2:
        raise ConfigError(f"labels.noise: expected a dataset of at least 2 classes, got {num_classes}")
    random = random_state(seed, _NOISE)
    # Drawn for every image: whether it is replaced, and by what, must not depend on which others have labels.
    turn, shift = random.permutation(len(labels)), random.randint(1, num_classes, len(labels))
    labelled = np.flatnonzero(labels != UNLABELLED)
    chosen = labelled[np.argsort(turn[labelled])][: int(np.floor(noise * len(labelled) + 0.5))]
    noisy = labels.copy()
    noisy[chosen] = (labels[chosen] + shift[chosen]) % num_classes
    return noisy


def restrict(dataset, options):
    """`ImageDataset` with training labels hidden or made noisy, and images left out, as `LabelOptions` say.

    Raises:
        ConfigError: for options that the dataset cannot meet, see `choose`.
    """
    if not options.changes:
        return dataset
    if dataset.num_classes is None or dataset.has_soft_labels:
        raise no_class_per_image(dataset.name, "soft labels" if dataset.has_soft_labels else "no labels")
    labels = dataset.source.training_labels() if dataset.labels is None else dataset.labels
    train_mask = np.ones(labels.shape, bool) if dataset.train_mask is None else dataset.train_mask
    labels = np.where(train_mask, labels, UNLABELLED)
    if options.fraction != 1.0 or options.per_class is not None:
        kept = choose(labels, dataset.num_classes, options, dataset.class_names)
        labels = np.where(kept, labels, UNLABELLED)
    labels = with_noise(labels, dataset.num_classes, options.noise, options.seed)
    if options.only_labelled:
        train_mask = labels >= 0
        if not np.any(train_mask):
            raise ConfigError(f"labels.only_labelled: no training image of {dataset.name} has a label")
    if np.all(train_mask):
        train_mask = None
    return dataclasses.replace(dataset, labels=labels.astype(np.int32), train_mask=train_mask)


def no_class_per_image(name, kind):
    """`ConfigError` of options that choose among labels, for a dataset that has another kind of labels."""
    return ConfigError(
        "labels.fraction, labels.per_class, labels.noise, labels.only_labelled: expected a class per image, but "
        f"dataset {name} has {kind}"
    )


def random_labels(num_images, num_classes, seed):
    """Labels int32 [num_images], drawn uniformly once, so that they are the same in every epoch."""
    return random_state(seed, _RANDOM_LABELS).randint(0, num_classes, num_images).astype(np.int32)
