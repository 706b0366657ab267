"""Datasets by name: `get_dataset` gives images and labels, `pipeline` makes them the inputs of training."""

import dataclasses

import numpy as np

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.datasets import labels, replacement, synthetic
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.in_memory import InMemorySource
from compare_gan2.datasets.spec import ImageDataset


@configurable("dataset", module="compare_gan.datasets")
@dataclasses.dataclass(frozen=True)
class DatasetOptions:
    """Which dataset, and the seed of its order.

    Attributes:
        name: a key of `catalog.DATASETS`.
        seed: fixes order and crops of the training images; None: they follow the run's seed.
    """

    name: str
    seed: int | None = None

    def __post_init__(self):
        if self.seed is not None and not 0 <= self.seed < 2**32:
            raise ConfigError(f"dataset.seed: expected 0 to {2**32 - 1}, got {self.seed}")


def get_dataset(name, tfds_data_dir=None, fake=False, shuffle_buffer_size=10_000):
    """`ImageDataset` of a name in the catalogue, its labels hidden as gin's `labels` says.

    Args:
        name: a key of `catalog.DATASETS`.
        tfds_data_dir: folder of TensorFlow Datasets, None for its default.
        fake: give random images of the same shape instead; touches no file.
        shuffle_buffer_size: see `TfdsSource`.

    Raises:
        ConfigError: for an unknown name, data that is missing, or label options that cannot be met.
    """
    if name not in DATASETS:
        raise ConfigError(f"dataset.name: expected one of {', '.join(DATASETS)}, got {name!r}")
    entry = DATASETS[name]
    train_transform, test_transform = entry.transforms()  # Fake data has no use for them, but bindings get checked.
    if fake:
        images = synthetic.fake_images(entry.image_shape, entry.num_classes)
        source = InMemorySource(images, images)
    elif entry.load:
        train_images, train_labels, test_images, test_labels = entry.load()
        source = InMemorySource((train_images, train_labels), (test_images, test_labels))
    else:
        from compare_gan2.datasets import tfds_source  # Here, so that embedded and fake data run without TFDS.

        source = tfds_source.TfdsSource(
            tfds_source.prepared_builder(name, entry.tfds_name, tfds_data_dir, entry.manual_archives),
            entry.image_shape,
            train_split=entry.train_split,
            test_split=entry.test_split,
            split_sizes=(entry.num_train, entry.num_test),
            train_transform=train_transform,
            test_transform=test_transform,
            shuffle_buffer_size=shuffle_buffer_size,
        )
    dataset = ImageDataset(name, entry.image_shape, entry.num_classes, source, entry.class_names)
    options = configuration.build(labels.LabelOptions)
    if entry.min_side and not fake:
        dataset = dataclasses.replace(dataset, kept=source.training_sides() >= entry.min_side)
    dataset = dataclasses.replace(dataset, labels=_labels(name, entry, source, options, fake))
    dataset = dataclasses.replace(dataset, labels_are_classes=entry.label not in ("single", "random"))
    return labels.restrict(
        dataset, dataclasses.replace(options, only_labelled=entry.only_labelled or options.only_labelled)
    )


def _labels(name, entry, source, options, fake):
    """What stands in place of the stored labels, see `catalog.Entry.label`; None if nothing does."""
    pattern = configuration.build(replacement.ReplaceLabels).file_pattern
    own = entry.label if options.source == "stored" else options.source
    if pattern is not None and (entry.num_classes is None or own in ("single", "random")):
        kind = "no labels" if entry.num_classes is None else f"{own} labels of its own"
        raise ConfigError(f"replace_labels.file_pattern: this dataset has {kind}, got {pattern!r}")
    if entry.label == "single":
        return np.zeros([source.num_train], np.int32)
    if entry.label == "random":
        return labels.random_labels(source.num_train, entry.num_classes, options.seed)
    if entry.label == "soft" and fake:
        return np.eye(entry.num_classes, dtype=np.float32)[source.training_labels()]
    if entry.label == "soft" and pattern is None:
        raise ConfigError("replace_labels.file_pattern: soft labels come from files, no value is given")
    if pattern is None or fake:
        return None
    soft = entry.label == "soft"
    return replacement.read_labels(pattern, source.training_names(), entry.num_classes, soft, name)
