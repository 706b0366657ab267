"""What a run keeps of its dataset beside the checkpoints: `dataset.json`, and `labelled_images.csv` where not all are.

With these, images can be drawn without the data, and a run does not go on with other data than it began with.
"""

import csv
import dataclasses
import io
import json
import pathlib

import numpy as np

from compare_gan2.configuration import ConfigError
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.reporting import files

FILE, LABELLED_FILE = "dataset.json", "labelled_images.csv"
SHOWN = 5  # classes in a message


@dataclasses.dataclass(frozen=True)
class DatasetFacts:
    """What networks, scores and pictures need to know of a dataset.

    Attributes:
        name: of the dataset.
        image_shape: (height, width, channels).
        num_classes: None without classes.
        class_names: one name per class, or None.
        labels_are_classes: see `ImageDataset`.
        num_train, num_labelled: images in one epoch, and those with a label; None where nobody has counted.
        fingerprint: see `ImageDataset`.
        label_distribution: share of each class among the labels that training sees; None where nobody has counted.
    """

    name: str
    image_shape: tuple
    num_classes: int | None
    class_names: tuple | None = None
    labels_are_classes: bool = True
    num_train: int | None = None
    num_labelled: int | None = None
    fingerprint: str | None = None
    label_distribution: tuple | None = None


def of_dataset(dataset, with_distribution=False):
    """`DatasetFacts` of an `ImageDataset`.

    Args:
        dataset: `ImageDataset`.
        with_distribution: count labels even if that takes a pass through the files.
    """
    distribution = dataset.label_distribution if with_distribution else dataset.known_label_distribution
    return DatasetFacts(
        name=dataset.name,
        image_shape=tuple(map(int, dataset.image_shape)),
        num_classes=dataset.num_classes,
        class_names=dataset.class_names,
        labels_are_classes=dataset.labels_are_classes,
        num_train=dataset.num_train,
        num_labelled=dataset.num_labelled,
        fingerprint=dataset.fingerprint,
        label_distribution=None if distribution is None else tuple(map(float, distribution)),
    )


def of_run(model_dir, name):
    """`DatasetFacts` that a run has kept, else those of the catalogue, as older runs have no such file.

    Args:
        model_dir: folder of the run.
        name: of its dataset, as in its configuration.

    Raises:
        ConfigError: if there is neither.
        DamagedFileError: if the file cannot be read.
    """
    if (facts := _read(pathlib.Path(model_dir) / FILE)) is not None:
        return facts
    if name not in DATASETS:
        raise ConfigError(f"model_dir: expected a {FILE} in {model_dir}, as {name} is not in the catalogue")
    entry = DATASETS[name]
    return DatasetFacts(
        name, entry.image_shape, entry.num_classes, entry.class_names, entry.label not in ("single", "random")
    )


def check(model_dir, dataset, facts):
    """Refuses a dataset other than that which the run in a folder began with.

    Raises:
        ConfigError: naming what differs.
        DamagedFileError: if a file of the run cannot be read.
    """
    folder = pathlib.Path(model_dir)
    before = _read(folder / FILE)
    if before is not None:
        different = [
            f"{name} was {value}, now {getattr(facts, name)}"
            for name, value in dataclasses.asdict(before).items()
            if value != getattr(facts, name)
            # A distribution that nobody has counted is no other one.
            and not (name == "label_distribution" and None in (value, facts.label_distribution))
        ]
        if different:
            raise ConfigError(f"--model_dir: {folder} holds a run with other data: {'; '.join(different)}")
    if (folder / LABELLED_FILE).exists() and (folder / LABELLED_FILE).read_bytes() != labelled_images(dataset):
        raise ConfigError(
            f"--model_dir: {folder / LABELLED_FILE} lists other images or labels than those of {dataset.name} now"
        )


def write(model_dir, dataset, facts):
    """Writes what is not there yet; `check` comes first."""
    folder = pathlib.Path(model_dir)
    if not (folder / FILE).exists():
        with files.replacing(folder / FILE) as file:
            file.write(json.dumps(dataclasses.asdict(facts), indent=1).encode() + b"\n")
    labelled = labelled_images(dataset)
    if labelled is not None and not (folder / LABELLED_FILE).exists():
        with files.replacing(folder / LABELLED_FILE) as file:
            file.write(labelled)


def label_warnings(facts, fit_label_distribution, prior):
    """What is likely not meant about the labels of a conditional model.

    Args:
        facts: `DatasetFacts`.
        fit_label_distribution: whether training asks for labels as often as the data has them.
        prior: of `latents.EvaluationLabels`.
    """
    if fit_label_distribution and prior == "uniform":
        yield (
            "training asks for classes as often as the data has them (fit_label_distribution), scores for all alike: "
            "bind eval_labels.prior = 'empirical' unless that is meant"
        )
    yield from empty_classes(facts.label_distribution)


def empty_classes(distribution):
    """Warns of classes without a label, given the share of each class; None where nobody has counted."""
    empty = [str(label) for label, share in enumerate(() if distribution is None else distribution) if not share]
    if empty:
        yield f"{len(empty)} classes have no labelled training image (such as {', '.join(empty[:SHOWN])})"


def _read(path):
    if not path.exists():
        return None
    try:
        values = json.loads(path.read_text())
        lists = ("image_shape", "class_names", "label_distribution")
        return DatasetFacts(**values | {name: values[name] and tuple(values[name]) for name in lists})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise files.DamagedFileError(f"{path}: cannot be read as facts of a dataset: {error}") from error


def labelled_images(dataset):
    """Bytes of `labelled_images.csv`; None where all images have their own label, or labels say nothing."""
    if dataset.labels is None or dataset.has_soft_labels or dataset.num_classes == 1:
        return None
    seen = dataset.labels >= 0 if dataset.kept is None else (dataset.labels >= 0) & dataset.kept
    names = dataset.source.training_names()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["index", "name", "label"])
    writer.writerows([number, names[number], dataset.labels[number]] for number in np.flatnonzero(seen))
    return text.getvalue().encode("utf-8", "surrogateescape")
