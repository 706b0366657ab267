"""Which labels training sees: how many of them, how many wrong ones, or others in their place."""

import dataclasses
import typing

import numpy as np

from compare_gan2.configuration import ConfigError, configurable

UNLABELLED = -1
_RANDOM_LABELS, _NOISE = 2**31, 2**31 + 1  # streams apart from those of the classes


@configurable("labels", module="compare_gan2.datasets.labels")
@dataclasses.dataclass(frozen=True)
class LabelOptions:
    """Which labels training sees. Those of the test images stay as they are.

    Attributes:
        fraction: share of the labels of each class that is kept, in (0, 1].
        per_class: number of labels of each class that is kept, in place of a fraction; None: the fraction counts.
        noise: share of the kept labels that is replaced by another class, uniformly chosen, in [0, 1].
        source: "stored"; "single": all images are of one class; "random": a class for each image, drawn once.
        seed: chooses which are kept or replaced, and draws the random ones.
        only_labelled: leave the images without a label out of training.
    """

    fraction: float = 1.0
    per_class: int | None = None
    noise: float = 0.0
    source: typing.Literal["stored", "single", "random"] = "stored"
    seed: int = 0
    only_labelled: bool = False

    def __post_init__(self):
        if not 0.0 < self.fraction <= 1.0:
            raise ConfigError(f"labels.fraction: expected a number above 0 and at most 1, got {self.fraction}")
        if self.per_class is not None and self.per_class < 1:
            raise ConfigError(f"labels.per_class: expected at least 1, got {self.per_class}")
        if self.per_class is not None and self.fraction != 1.0:
            raise ConfigError(
                f"labels.per_class, labels.fraction: expected one of them, got {self.per_class} and {self.fraction}"
            )
        if not 0.0 <= self.noise <= 1.0:
            raise ConfigError(f"labels.noise: expected a number from 0 to 1, got {self.noise}")
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"labels.seed: expected a whole number from 0 to {2**32 - 1}, got {self.seed}")

    @property
    def changes(self):
        """Whether anything is hidden, replaced by noise or left out."""
        return self.fraction != 1.0 or self.per_class is not None or self.noise > 0 or self.only_labelled


@dataclasses.dataclass(frozen=True)
class InferredLabels:
    """Labels that a pre-trained model gave to all training images, see `replacement` for the files.

    Attributes:
        file_pattern: as `replace_labels.file_pattern`; None if the files are still to be made.
        num_classes: of the labels.
        soft: whether records hold logits instead of labels.
        are_classes: whether the labels are the dataset's own classes (clusters are not).
    """

    file_pattern: str | None
    num_classes: int
    soft: bool = False
    are_classes: bool = True


def choose(labels, num_classes, options):
    """Boolean mask of the labels to keep: the same share of each class, rounded to the nearest whole number.

    Less with the same seed keeps a subset of what more keeps.

    Args:
        labels: whole numbers [n] in a fixed order of the images, -1 where there is no label.
        num_classes: number of classes.
        options: `LabelOptions`.

    Raises:
        ConfigError: for a class that would be left with no label, or with fewer than `per_class`.
    """
    labels = np.asarray(labels)
    mask = np.zeros(labels.shape, bool)
    for label in range(num_classes):
        members = np.flatnonzero(labels == label)
        keep = options.per_class
        if keep is None:
            keep = int(np.floor(options.fraction * len(members) + 0.5))
            if len(members) and not keep:
                raise ConfigError(
                    f"labels.fraction: {options.fraction} of the {len(members)} images of class {label} leaves it "
                    "without a label"
                )
        elif keep > len(members):
            raise ConfigError(f"labels.per_class: class {label} has {len(members)} labelled images, got {keep}")
        # A stream of its own for each class, so that the sizes of other classes do not matter.
        mask[np.random.RandomState([options.seed, label]).permutation(members)[:keep]] = True
    return mask


def with_noise(labels, num_classes, noise, seed):
    """Labels of which a share, rounded to the nearest whole number, is replaced by another class.

    More noise with the same seed replaces what less replaces, and by the same classes.

    Args:
        labels: int32 [n], -1 where there is no label.
        num_classes: number of classes.
        noise: share in [0, 1] of those that are not -1.
        seed: whole number from 0 to 2**32 - 1.

    Raises:
        ConfigError: if there is no other class.
    """
    if not noise:
        return labels
    if num_classes < 2:
        raise ConfigError(f"labels.noise: expected a dataset of at least 2 classes, got {num_classes}")
    random = np.random.RandomState([seed, _NOISE])
    # Drawn for every image, so that an image's turn and its wrong class do not depend on which others have labels.
    turn, shift = random.permutation(len(labels)), random.randint(1, num_classes, len(labels))
    labelled = np.flatnonzero(labels != UNLABELLED)
    chosen = labelled[np.argsort(turn[labelled])][: int(np.floor(noise * len(labelled) + 0.5))]
    noisy = labels.copy()
    noisy[chosen] = (labels[chosen] + shift[chosen]) % num_classes
    return noisy


def restrict(dataset, options):
    """The dataset with its training labels hidden or made noisy, and images left out, as the options say.

    Raises:
        ConfigError: for options that the dataset cannot meet, see `choose`.
    """
    if not options.changes:
        return dataset
    if dataset.num_classes is None or dataset.has_soft_labels:
        kind = "soft labels" if dataset.has_soft_labels else "no labels"
        raise ConfigError(
            "labels.fraction, labels.per_class, labels.noise, labels.only_labelled: expected a class per image, but "
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


def random_labels(num_images, num_classes, seed):
    """Labels int32 [num_images], uniform, the same in every epoch."""
    return np.random.RandomState([seed, _RANDOM_LABELS]).randint(0, num_classes, num_images).astype(np.int32)
