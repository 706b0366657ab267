"""Datasets by name: `get_dataset` gives images and labels, `pipeline` makes them the inputs of training."""

import dataclasses

from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.datasets import arrays_source, folder_source, synthetic, training_labels
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.in_memory import InMemorySource
from compare_gan2.datasets.spec import ImageDataset
from compare_gan2.datasets.tfds_options import PREFIX

_OF_USER = ("folder", "arrays")


@configurable("dataset", module="compare_gan.datasets")
@dataclasses.dataclass(frozen=True)
class DatasetOptions:
    """Which dataset, and the seed of its order.

    Attributes:
        name: a key of `catalog.DATASETS`, "folder", "arrays" or "tfds:NAME".
        random_flip: turn each training image left to right with probability 1/2.
        seed: fixes order and crops and flips of the training images; None: they follow the run's seed.
    """

    name: str
    random_flip: bool = False
    seed: int | None = None

    def __post_init__(self):
        if self.seed is not None and not 0 <= self.seed < 2**32:
            raise ConfigError(f"dataset.seed: expected 0 to {2**32 - 1}, got {self.seed}")


def get_dataset(name, tfds_data_dir=None, fake=False, shuffle_buffer_size=10_000, inferred=None):
    """`ImageDataset` of a name, with the labels that gin's `labels` and `replace_labels` ask for.

    Args:
        name: a key of `catalog.DATASETS`, "folder", "arrays" or "tfds:NAME".
        tfds_data_dir: folder of TensorFlow Datasets, None for its default.
        fake: give random images of the same shape instead; touches no file.
        shuffle_buffer_size: see `StreamSource`.
        inferred: `InferredLabels` that replace those of all training images; None: they stay.

    Raises:
        ConfigError: for an unknown name, data that is missing, or label options that cannot be met.
    """
    if not is_name(name):
        raise ConfigError(f"dataset.name: expected one of {names()}, got {name!r}")
    if name not in DATASETS:
        if fake:
            raise ConfigError(f"--data_fake_dataset: the shape of {name} is known from its images only")
        dataset = _of_user(name, tfds_data_dir, shuffle_buffer_size)
        return training_labels.with_training_labels(dataset, inferred=inferred)
    entry = DATASETS[name]
    dataset = _of_catalog(name, entry, tfds_data_dir, fake, shuffle_buffer_size)
    if entry.min_side and not fake:
        dataset = dataclasses.replace(dataset, kept=dataset.source.training_sides() >= entry.min_side)
    return training_labels.with_training_labels(
        dataset,
        own=entry.label,
        only_labelled=entry.only_labelled,
        partly_labelled=entry.partly_labelled and not fake,
        inferred=inferred,
        fake=fake,
    )


def is_name(name):
    """Whether `get_dataset` knows a name."""
    return name in DATASETS or name in _OF_USER or name.startswith(PREFIX) and name != PREFIX


def names():
    """The names that `get_dataset` knows, for messages."""
    return ", ".join([*DATASETS, *_OF_USER, f"{PREFIX}NAME"])


def _of_user(name, tfds_data_dir, shuffle_buffer_size):
    if name == "folder":
        return folder_source.open_folder(shuffle_buffer_size)
    if name == "arrays":
        return arrays_source.open_arrays()
    from compare_gan2.datasets import tfds_names  # Here, so that embedded and fake data run without TFDS.

    return tfds_names.open_tfds(name, tfds_data_dir, shuffle_buffer_size)


def _of_catalog(name, entry, tfds_data_dir, fake, shuffle_buffer_size):
    """`ImageDataset` with labels as stored."""
    train_transform, test_transform = entry.transforms()  # Fake data has no use for them, but bindings get checked.
    class_names = entry.class_names
    if fake:
        images = synthetic.fake_images(entry.image_shape, entry.num_classes)
        source = InMemorySource(images, images)
    elif entry.load:
        train_images, train_labels, test_images, test_labels = entry.load()
        source = InMemorySource((train_images, train_labels), (test_images, test_labels))
    else:
        from compare_gan2.datasets import tfds_source  # As above.

        builder = tfds_source.prepared_builder(name, entry.tfds_name, tfds_data_dir, entry.manual_archives)
        source = tfds_source.TfdsSource(
            builder,
            entry.image_shape,
            train_split=entry.train_split,
            test_split=entry.test_split,
            split_sizes=(entry.num_train, entry.num_test),
            train_transform=train_transform,
            test_transform=test_transform,
            shuffle_buffer_size=shuffle_buffer_size,
        )
        if name == "cifar100":
            class_names = tuple(builder.info.features["label"].names)
    return ImageDataset(name, entry.image_shape, entry.num_classes, source, class_names)
