"""How fast the input is by itself, and how long training waits for it."""

import io
import statistics
import time

import numpy as np
import tensorflow as tf
from PIL import Image

from compare_gan2.benchmarks.workload import SEED
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.in_memory import InMemorySource
from compare_gan2.datasets.spec import ImageDataset

NUM_JPEGS = 2000
BATCHES_ALONE = 20


def jpeg_dataset(folder, count=NUM_JPEGS, side=128):
    """`ImageDataset` of TFRecord files with JPEGs of ImageNet's mean size, cropped as for ImageNet at this side.

    Args:
        folder: where the files are written.
        count: images.
        side: of the images of training, as in the catalogue's imagenet_SIDE.
    """
    import tensorflow_datasets as tfds  # here, so that other measurements run without it

    from compare_gan2.datasets.tfds_source import TfdsSource

    random = np.random.RandomState(SEED)

    def examples(number):
        for i in range(number):
            yield f"{i}", {"image": _jpeg(random), "label": int(random.randint(1000)), "file_name": f"{i}.jpeg"}

    features = tfds.features.FeaturesDict(
        {
            "image": tfds.features.Image(encoding_format="jpeg"),
            "label": tfds.features.ClassLabel(num_classes=1000),
            "file_name": tfds.features.Text(),
        }
    )
    tfds.dataset_builders.store_as_tfds_dataset(
        name="jpegs",
        version="1.0.0",
        features=features,
        split_datasets={"train": list(examples(count)), "test": list(examples(1))},
        data_dir=folder,
        disable_shuffling=True,
    )
    train_transform, test_transform = DATASETS[f"imagenet_{side}"].transforms()
    source = TfdsSource(
        tfds.builder("jpegs", data_dir=folder),
        (side, side, 3),
        train_split="train",
        test_split="test",
        split_sizes=(count, 1),
        train_transform=train_transform,
        test_transform=test_transform,
        shuffle_buffer_size=1000,
    )
    return ImageDataset("JPEGs in TFRecord files", (side, side, 3), 1000, source)


def _jpeg(random):
    """File of a smooth picture with some noise, 469x387 pixels and about as many bytes as ImageNet's."""
    coarse = Image.fromarray(random.randint(0, 256, [12, 15, 3]).astype(np.uint8)).resize((469, 387), Image.BICUBIC)
    noisy = np.asarray(coarse, np.int16) + random.randint(-24, 25, [387, 469, 1])
    file = io.BytesIO()
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    file.seek(0)
    return file


def memory_dataset(image_shape, num_classes, count=NUM_JPEGS):
    """`ImageDataset` of random bytes held in memory."""
    random = np.random.RandomState(SEED)
    images = random.randint(0, 256, [count, *image_shape]).astype(np.uint8)
    labels = random.randint(0, num_classes or 1, count)
    return ImageDataset(
        "arrays in memory", image_shape, num_classes, InMemorySource((images, labels), (images[:1], labels[:1]))
    )


def alone(batches, images_per_batch):
    """Images per second of an iterator of batches that nothing else keeps busy."""
    next(batches)
    started = time.perf_counter()
    for _ in range(BATCHES_ALONE):
        next(batches)
    return BATCHES_ALONE * images_per_batch / (time.perf_counter() - started)


def waiting(batches, step, rounds):
    """Median share of the time of a step that is spent waiting for its batch.

    Args:
        batches: iterator of batches.
        step: function (batch) -> tensors; runs one training step.
        rounds: steps that are measured, after one to warm up.
    """
    shares = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        batch = next(batches)
        fetched = time.perf_counter()
        tf.nest.map_structure(lambda value: value.numpy(), step(batch))
        if number:
            shares.append((fetched - started) / (time.perf_counter() - started))
    return statistics.median(shares)
