"""What a run records of its dataset: `dataset.json`, and `labelled_images.csv` unless every image has its own label.

With these, images can be generated without the data, and a run is not resumed with other data.
"""

import csv
import dataclasses
import io
import json
import pathlib

import numpy as np

from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.ground import json_text, sealed_files
from compare_gan2.ground.checksums import checksum_of_bytes
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.json_text import is_count
from compare_gan2.ground.messages import log

FILE, LABELLED_FILE = "dataset.json", "labelled_images.csv"
SHOWN = 5  # classes in a message
UNEVEN = 2.0  # times as many labels; ImageNet's largest class has 1.8 times as many images as its smallest
_MOST_SIDE = 8192  # of an image in pixels


@dataclasses.dataclass(frozen=True)
class DatasetRecord:
    """What networks, scores and pictures need to know about a dataset.

    Attributes:
        name: of the dataset.
        image_shape: (height, width, channels).
        num_classes: number of classes; None without classes.
        class_names: one name per class, or None.
        labels_are_classes: see `ImageDataset`.
        num_train, num_labelled: images in one epoch, and those with a label; None if unknown.
        fingerprint: see `ImageDataset`.
        label_distribution: share of each class among the labels that training sees; None if unknown.
        content: see `ImageDataset.content`; None in records of older versions.
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
    content: dict | None = None


def of_dataset(dataset, with_distribution=False):
    """`DatasetRecord` of an `ImageDataset`.

    Args:
        dataset: `ImageDataset`.
        with_distribution: whether to count labels even if that takes a pass through the files.
    """
    distribution = dataset.label_distribution if with_distribution else dataset.known_label_distribution
    return DatasetRecord(
        name=dataset.name,
        image_shape=tuple(map(int, dataset.image_shape)),
        num_classes=dataset.num_classes,
        class_names=dataset.class_names,
        labels_are_classes=dataset.labels_are_classes,
        num_train=dataset.num_train,
        num_labelled=dataset.num_labelled,
        fingerprint=dataset.fingerprint,
        label_distribution=None if distribution is None else tuple(map(float, distribution)),
        content=dataset.content,
    )


def read(model_dir):
    """`DatasetRecord` in the folder of a run; None if it has none. Raises a `DamagedFileError` if it cannot be read."""
    path = pathlib.Path(model_dir) / FILE
    if not path.exists():
        return None
    way_out = (
        f"restore it, or delete it and {sealed_files.seal_path(path).name}: training then records the data that it"
    )
    content = sealed_files.read(path, f"{way_out} finds, without comparing them with those that the run began with")
    try:
        values = json_text.parsed(content)
        lists = ("image_shape", "class_names", "label_distribution")
        record = DatasetRecord(**values | {name: values[name] and tuple(values[name]) for name in lists})
        if problem := _problem_of(record):
            raise ValueError(problem)
        return record
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(f"{path}: cannot be read as facts of a dataset: {error}") from error


def _problem_of(record):
    """What is wrong with the facts that a file gave, in words; None if nothing is."""
    count, texts = record.num_classes, (record.name, *(record.class_names or ()), *(record.content or {}))
    shares = record.label_distribution
    expected = {
        "image_shape": len(record.image_shape) == 3 and all(is_count(side, _MOST_SIDE) for side in record.image_shape),
        "num_classes": count is None or is_count(count),
        "class_names": record.class_names is None or len(record.class_names) == count,
        "labels_are_classes": isinstance(record.labels_are_classes, bool),
        "num_train": record.num_train is None or is_count(record.num_train),
        "num_labelled": record.num_labelled is None or record.num_labelled == 0 or is_count(record.num_labelled),
        "label_distribution": shares is None or all(isinstance(share, int | float) and share >= 0 for share in shares),
        "content": record.content is None or isinstance(record.content, dict),
        "names": all(isinstance(text, str) for text in texts),
    }
    wrong = [name for name, is_fit in expected.items() if not is_fit]
    return f"{wrong[0]} is {getattr(record, wrong[0], texts)!r:.80}" if wrong else None


def of_run(model_dir, name):
    """`DatasetRecord` in the folder of a run, or of the catalogue for older runs, which have no such file.

    Args:
        model_dir: folder of the run.
        name: of its dataset, as in its configuration.

    Raises:
        ConfigError: if the file is missing and the catalogue does not know the name.
        DamagedFileError: if the file cannot be read.
    """
    if (record := read(model_dir)) is not None:
        return record
    if name not in DATASETS:
        raise ConfigError(f"--model_dir: expected a {FILE} in {model_dir}, as {name} is not in the catalogue")
    entry = DATASETS[name]
    return DatasetRecord(
        name, entry.image_shape, entry.num_classes, entry.class_names, entry.label not in ("single", "random")
    )


def check(model_dir, dataset, record):
    """Refuses a dataset other than the one that the run in a folder started with.

    Args:
        model_dir: folder of the run.
        dataset: `ImageDataset` with the given labels, before others are inferred.
        record: `DatasetRecord` of the dataset that is trained on.

    Raises:
        ConfigError: naming what differs.
        DamagedFileError: if a file of the run cannot be read.
    """
    folder = pathlib.Path(model_dir)
    before = read(folder)
    if before is not None:
        different = [
            f"{name} was {value}, now {getattr(record, name)}"
            for name, value in dataclasses.asdict(before).items()
            if value != getattr(record, name)
            and name != "content"
            # An unknown distribution matches any.
            and not (name == "label_distribution" and None in (value, record.label_distribution))
        ]
        different += _changed_content(before.content or {}, record.content or {})
        if different:
            raise ConfigError(f"--model_dir: {folder} holds a run with other data: {'; '.join(different)}")
    _check_labelled(folder / LABELLED_FILE, dataset)


def require_same_content(record, dataset, split):
    """Refuses a dataset whose images or labels of a split are not those that a run began with.

    Args:
        record: `DatasetRecord` of the run; None for a run without one.
        dataset: `ImageDataset` that is there now.
        split: "train" or "test".

    Raises:
        ConfigError: naming what changed.
    """
    before = {} if record is None else record.content or {}
    before = {what: text for what, text in before.items() if what.startswith(f"{split} ")}
    if before and (changed := _changed_content(before, dataset.content)):
        raise ConfigError(
            f"--model_dir: the data are not those that the run was trained with: {'; '.join(changed)}; restore them, "
            "or name the images to compare with by --real"
        )


def write(model_dir, dataset, record):
    """Writes the files that are missing; call `check` first.

    Args:
        model_dir, dataset, record: see `check`.

    Raises:
        OSError: if the folder cannot be written.
    """
    folder = pathlib.Path(model_dir)
    if not (folder / FILE).exists():
        sealed_files.write(folder / FILE, json.dumps(dataclasses.asdict(record), indent=1).encode() + b"\n")
    labelled, path = labelled_images(dataset), folder / LABELLED_FILE
    if labelled is None or path.exists() and path.read_bytes() == labelled:
        return
    if path.exists():  # damaged, as `check` found out: the images and labels are those that it listed
        log.warning(f"{path}: damaged, written again")
        sealed_files.remove(path)
    sealed_files.write(path, labelled)


def label_warnings(record, fit_label_distribution, prior):
    """Yields warnings about labels of a conditional model that are probably not intended.

    Args:
        record: `DatasetRecord`.
        fit_label_distribution: whether training samples labels from the distribution of the data's labels.
        prior: `latents.EvaluationLabels.prior`.
    """
    if fit_label_distribution and prior == "uniform":
        yield (
            "training asks for classes as often as the data has them (fit_label_distribution), scores for all alike: "
            "bind eval_labels.prior = 'empirical' unless that is meant"
        )
    elif prior == "uniform":
        yield from _uneven_classes(record.label_distribution)
    yield from empty_classes(record.label_distribution)


def empty_classes(distribution):
    """Yields a warning if some classes have no label, given the share of each class; None if unknown."""
    empty = [str(label) for label, share in enumerate(() if distribution is None else distribution) if not share]
    if empty:
        yield f"{len(empty)} classes have no labelled training image (such as {', '.join(empty[:SHOWN])})"


def _uneven_classes(distribution):
    """Yields a warning if scores ask for all classes alike and the labels of the largest are many times as many."""
    shares = [share for share in (() if distribution is None else distribution) if share]
    if shares and max(shares) > UNEVEN * min(shares):
        yield (
            f"classes have {100 * min(shares):.2g} to {100 * max(shares):.2g} % of the labels, and scores ask for all"
            " alike: bind eval_labels.prior = 'empirical' for images in the proportions of the data"
        )


def _check_labelled(path, dataset):
    """Refuses a file that lists other images; a damaged one passes if its checksum says that it listed these."""
    if not path.exists():
        return
    now, allowed = labelled_images(dataset), sealed_files.digests_of(path)
    if path.read_bytes() == now or now is not None and checksum_of_bytes(now) in allowed:
        return
    sealed_files.check(path, path.read_bytes())
    raise ConfigError(f"--model_dir: {path} lists other images or labels than those of {dataset.name} now")


def _changed_content(before, now):
    """Texts that name the parts of the data whose content changed."""
    return [
        f"{what} changed (checksum {_short(before[what])}, now {_short(now[what])})"
        for what in before
        if what in now and before[what] != now[what]
    ]


def _short(text):
    return text if len(text) <= 80 and " " in text else text[:12]


def labelled_images(dataset):
    """Bytes of `labelled_images.csv`: index, name and label of each labelled training image of an `ImageDataset`.

    None if all images have their stored label, if labels are probabilities, or with a single class.
    """
    if dataset.labels is None or dataset.has_soft_labels or dataset.num_classes == 1:
        return None
    seen = dataset.labels >= 0 if dataset.train_mask is None else (dataset.labels >= 0) & dataset.train_mask
    names = dataset.source.training_names()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["index", "name", "label"])
    writer.writerows([number, names[number], dataset.labels[number]] for number in np.flatnonzero(seen))
    return text.getvalue().encode("utf-8", "surrogateescape")
