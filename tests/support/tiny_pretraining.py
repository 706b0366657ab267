"""A dataset of sixty 8x8 images in three classes, and pre-training on it in seconds."""

import numpy as np
import tensorflow as tf

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.labels.label_options import LabelOptions, restrict
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.pretraining.make_inference import make_extractor, make_label_inference
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.self_supervised import methods as self_supervised
from compare_gan2.pretraining.self_supervised.model import SelfSupervisedModel

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
    "few_labels.views": "'colour'",
}
METHODS = {  # options of the self-supervised tasks
    "simclr": {},
    "moco": {"queue_size": 16, "teacher_decay": 0.9},
    "byol": {},
    "simsiam": {"bottleneck": 4},
    "barlow_twins": {},
    "vicreg": {},
    "swav": {"prototypes": 5, "local_views": 1},
    "dino": {"prototypes": 5, "local_views": 1, "temperature_steps": 3, "first_teacher_temperature": 0.02},
}


def bound(task, **bindings):
    """`Configuration` of a tiny pre-training; `pretrain__seed=1` binds pretrain.seed."""
    values = BINDINGS | {"pretrain.task": f"'{task}'"}
    if task in METHODS:
        values |= {"pretrain.views": "@digit_views()", "digit_views.shift": 1.0, "pretrain.learning_rate": 0.03}
        values |= {f"{task}.{name}": value for name, value in ({"hidden": 8, "size": 6} | METHODS[task]).items()}
    values |= {name.replace("__", "."): v for name, v in bindings.items()}
    return parse([], [f"{name} = {value}" for name, value in values.items()])


def options(task, **bindings):
    """(`PretrainOptions`, `ResNetV2Options`) of a tiny pre-training."""
    config = bound(task, **bindings)
    return config.build(PretrainOptions), config.build(ResNetV2Options)


def method(task, **bindings):
    """`Method` of a self-supervised task."""
    return bound(task, **bindings).build(self_supervised.METHODS[task])


def self_supervised_model(task, **bindings):
    """`SelfSupervisedModel` of a tiny pre-training."""
    pretrain, network = options(task, **bindings)
    return SelfSupervisedModel(pretrain, method(task, **bindings), network, (8, 8, 1))


def dataset(fraction=0.5, name="tiny", unlabelled=()):
    """`ImageDataset` whose class is where a bright bar is: above, in the middle or below; a fraction keeps its label.

    Args:
        fraction: share of the training labels that is kept.
        name: name of the dataset.
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


def extractor(cache_dir, task, data=None, folder=None, **bindings):
    """`Extractor` that is cached below a folder, unless it has a folder of its own."""
    config = bound(task, inferred_labels__cache_dir=repr(str(cache_dir)), **bindings)
    return make_extractor(config, dataset() if data is None else data, strategy(), folder)


def inference(cache_dir, task, kind, data=None, **bindings):
    """`LabelInference` of such an extractor."""
    return make_label_inference(bound(task, **bindings), extractor(cache_dir, task, data, **bindings), kind)
