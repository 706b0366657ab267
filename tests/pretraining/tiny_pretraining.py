"""A dataset of sixty 8x8 images in three classes, and pre-training on it in seconds."""

import numpy as np
import tensorflow as tf

from compare_gan2 import configuration, gin_names
from compare_gan2.datasets.in_memory import InMemorySource
from compare_gan2.datasets.labels import LabelOptions, restrict
from compare_gan2.datasets.spec import ImageDataset
from compare_gan2.pretraining.extractor import Extractor
from compare_gan2.pretraining.inferred_labels import LabelInference

assert gin_names.MODULES
BINDINGS = {
    "resnet_v2.blocks": [1, 1],
    "resnet_v2.width": 4,
    "resnet_v2.bottleneck": False,
    "resnet_v2.stem": "'small'",
    "pretrain.training_steps": 4,
    "pretrain.batch_size": 8,
    "pretrain.labelled_batch_size": 6,
    "pretrain.save_checkpoints_steps": 2,
    "pretrain.max_shift": 1,
    "clustering.num_clusters": 3,
}


def parse(task, **bindings):
    """Binds a tiny pre-training; `pretrain__seed=1` binds pretrain.seed."""
    bound = BINDINGS | {"pretrain.task": f"'{task}'"} | {name.replace("__", "."): v for name, v in bindings.items()}
    configuration.parse([], [f"{name} = {value}" for name, value in bound.items()])


def dataset(fraction=0.5, name="tiny", unlabelled=()):
    """A bright bar at the left, above, in the middle or below, says the class; a fraction keeps its label.

    Args:
        fraction: of the labels.
        name: of the dataset.
        unlabelled: indices of images without a stored label.
    """
    random = np.random.RandomState(0)
    labels = np.arange(80) % 3
    images = random.randint(0, 80, [80, 8, 8, 1]).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[3 * label : 3 * label + 2, :5] += 150
    labels[list(unlabelled)] = -1
    source = InMemorySource((images[:60], labels[:60]), (images[60:], labels[60:]))
    return restrict(ImageDataset(name, (8, 8, 1), 3, source, ("top", "middle", "low")), LabelOptions(fraction=fraction))


def strategy():
    return tf.distribute.OneDeviceStrategy("CPU:0")


def extractor(tmp_path, data=None):
    return Extractor(dataset() if data is None else data, strategy(), cache_dir=tmp_path)


def inference(tmp_path, kind, data=None):
    return LabelInference(extractor(tmp_path, data), kind)
