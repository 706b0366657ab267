"""A dataset of the catalogue as an `ImageDataset`."""

import dataclasses

from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.catalog_transforms import transforms_of
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources import synthetic, tfds_source
from compare_gan2.datasets.sources.in_memory import InMemorySource


def open_catalog(name, crops=None, *, tfds_data_dir=None, fake=False, shuffle_buffer_size=10_000):
    """`ImageDataset` of a name in the catalogue, its labels as stored.

    Args:
        name: a key of `catalog.DATASETS`.
        crops: `ImagenetCrops` of the datasets that need them; None: their defaults.
        tfds_data_dir: folder of TensorFlow Datasets, which is then read where there is a choice; None: its default.
        fake: make up random images of the same shape; reads no file.
        shuffle_buffer_size: see `StreamSource`.

    Raises:
        DataError: if the data is not on disk and cannot be downloaded.
    """
    entry = DATASETS[name]
    if fake:
        images = synthetic.fake_images(entry.image_shape, entry.num_classes)
        return ImageDataset(
            name, entry.image_shape, entry.num_classes, InMemorySource(images, images), entry.class_names
        )
    if entry.load and _finds_its_files(entry, tfds_data_dir):
        train_images, train_labels, test_images, test_labels = entry.load()
        source = InMemorySource((train_images, train_labels), (test_images, test_labels))
        return ImageDataset(name, entry.image_shape, entry.num_classes, source, entry.class_names)
    builder = tfds_source.prepared_builder(name, entry.tfds_name, tfds_data_dir, entry.manual_archives, entry.install)
    train_transform, test_transform = transforms_of(entry, crops)
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
    class_names = entry.class_names
    if name == "cifar100":
        class_names = tuple(builder.info.features["label"].names)
    dataset = ImageDataset(name, entry.image_shape, entry.num_classes, source, class_names)
    if entry.min_side:
        dataset = dataclasses.replace(dataset, train_mask=source.training_sides() >= entry.min_side)
    return dataset


def _finds_its_files(entry, tfds_data_dir):
    """Whether the images are read from files of their own instead of through TFDS."""
    if entry.is_installed is None:
        return True
    return tfds_data_dir is None and entry.is_installed()
