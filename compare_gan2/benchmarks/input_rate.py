"""Speed of the input alone, and how long training waits for it."""

import pathlib
import statistics
import time

import numpy as np
import tensorflow as tf
from PIL import Image

from compare_gan2.benchmarks.workload import SEED
from compare_gan2.datasets.catalog_transforms import imagenet_transforms
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.pictures.folder_listing import list_pictures
from compare_gan2.datasets.sources import folder_cache
from compare_gan2.datasets.sources.folder_options import FolderOptions
from compare_gan2.datasets.sources.folder_source import FolderSource
from compare_gan2.datasets.sources.in_memory import InMemorySource

NUM_PICTURES = 2000
BATCHES_ALONE = 20


def write_pictures(folder, count=NUM_PICTURES):
    """Writes JPEGs of 387x469 pixels (height x width), of ImageNet's bytes, in two folders; returns their paths."""
    random, paths = np.random.RandomState(SEED), []
    for number in range(count):
        path = pathlib.Path(folder) / f"class_{number % 2}" / f"{number}.jpeg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(random.randint(0, 256, [12, 15, 3]).astype(np.uint8)).resize((469, 387), Image.BICUBIC)
        noisy = np.asarray(coarse, np.int16) + random.randint(-24, 25, [387, 469, 1])
        Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(path, "JPEG", quality=90)
        paths.append(path)
    return paths


def tfrecord_dataset(pictures, side, folder):
    """`ImageDataset` of TFRecord files with these JPEGs, decoded and cropped each time as those of ImageNet are.

    Args:
        pictures: paths of JPEGs.
        side: of the images of training.
        folder: where the files are written.
    """
    import tensorflow_datasets as tfds  # here, so that other measurements run without it

    from compare_gan2.datasets.sources.tfds_source import TfdsSource

    tfds.disable_progress_bar()
    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "label": tfds.features.ClassLabel(num_classes=2),
            "file_name": tfds.features.Text(),
        }
    )
    examples = [(str(i), {"image": str(p), "label": i % 2, "file_name": p.name}) for i, p in enumerate(pictures)]
    tfds.dataset_builders.store_as_tfds_dataset(
        name="jpegs",
        version="1.0.0",
        features=features,
        split_datasets={"train": examples, "test": examples[:1]},
        data_dir=folder,
    )
    train_transform, test_transform = imagenet_transforms(side)
    source = TfdsSource(
        tfds.builder("jpegs", data_dir=folder),
        (side, side, 3),
        train_split="train",
        test_split="test",
        split_sizes=(len(pictures), 1),
        train_transform=train_transform,
        test_transform=test_transform,
        shuffle_buffer_size=1000,
    )
    return ImageDataset("JPEGs in TFRecord files", (side, side, 3), 2, source)


def folder_dataset(path, side, cache_dir):
    """`ImageDataset` of a folder of pictures, which are decoded once and kept."""
    listing = list_pictures(str(path))
    cache = folder_cache.opened(listing, FolderOptions(str(path), side), cache_dir)
    return ImageDataset("folder of JPEGs", (side, side, 3), len(listing.class_names), FolderSource(cache, 1000))


def memory_dataset(image_shape, num_classes):
    """`ImageDataset` of random bytes held in memory."""
    random = np.random.RandomState(SEED)
    images = random.randint(0, 256, [NUM_PICTURES, *image_shape]).astype(np.uint8)
    labels = random.randint(0, num_classes or 1, NUM_PICTURES)
    return ImageDataset(
        "arrays in memory", image_shape, num_classes, InMemorySource((images, labels), (images[:1], labels[:1]))
    )


def alone(batches, images_per_batch):
    """Images per second of an iterator of batches while nothing else runs."""
    next(batches)
    started = time.perf_counter()
    for _ in range(BATCHES_ALONE):
        next(batches)
    return BATCHES_ALONE * images_per_batch / (time.perf_counter() - started)


def waiting(batches, step, rounds):
    """Medians (share of the time of a step that is spent waiting for its batch, seconds of a step).

    Args:
        batches: iterator of batches.
        step: function (batch) -> tensors; runs one training step.
        rounds: steps that are measured, after one to warm up.
    """
    waits, steps = [], []
    for number in range(rounds + 1):
        started = time.perf_counter()
        batch = next(batches)
        fetched = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), step(batch))
        if number:
            steps.append(time.perf_counter() - started)
            waits.append((fetched - started) / steps[-1])
    return statistics.median(waits), statistics.median(steps)
