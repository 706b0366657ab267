"""The datasets by name: facts about each, and where it comes from."""

import dataclasses
import functools
import typing

import tensorflow as tf

from compare_gan2 import configuration
from compare_gan2.configuration import configurable
from compare_gan2.datasets import mnist_5k, transforms

CropMethod = typing.Literal["distorted", "random", "middle", "none"]


@configurable("train_imagenet_transform", module="compare_gan.datasets", allowlist=["crop_method"])
def train_imagenet_transform(crop_method: CropMethod = "distorted"):
    """Crop of ImageNet's training images before they are resized, see `transforms.crop`."""
    return functools.partial(transforms.crop, method=crop_method)


@configurable("eval_imagenet_transform", module="compare_gan.datasets", allowlist=["crop_method"])
def eval_imagenet_transform(crop_method: CropMethod = "middle"):
    """Crop of ImageNet's validation images before they are resized, see `transforms.crop`."""
    return functools.partial(transforms.crop, method=crop_method)


def _imagenet_transforms(size):
    def resized(crop):
        return lambda image, seed: transforms.resize(_unchanged(crop(image, seed=seed)), size, size)

    return tuple(resized(configuration.build(t)) for t in (train_imagenet_transform, eval_imagenet_transform))


def _unchanged(image, seed=None):
    del seed
    return tf.cast(image, tf.float32) / 255.0


@dataclasses.dataclass(frozen=True)
class Entry:
    """One dataset.

    Attributes:
        image_shape: (height, width, channels) after the transforms.
        num_classes: None if it has no labels.
        num_train, num_test: sizes of the splits.
        class_names: one name per class, or None.
        load: function () -> training images, labels, test images, labels; None: it is read through TFDS.
        tfds_name, test_split: its name in TFDS, and the split that scores use.
        transforms: function () -> (training, test) transform as `TfdsSource` takes them.
        manual_archives: what a person has to download first.
    """

    image_shape: tuple
    num_classes: int | None
    num_train: int
    num_test: int
    class_names: tuple | None = None
    load: typing.Callable | None = None
    tfds_name: str | None = None
    test_split: str = "test"
    transforms: typing.Callable = lambda: (_unchanged, _unchanged)
    manual_archives: tuple = ()


_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_FASHION_MNIST = Entry((28, 28, 1), 10, 60_000, 10_000, _CLOTHES, tfds_name="fashion_mnist")


def _imagenet(size):
    return Entry(
        (size, size, 3),
        1000,
        1_281_167,
        50_000,
        tfds_name="imagenet2012",
        test_split="validation",
        transforms=functools.partial(_imagenet_transforms, size),
        manual_archives=("ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"),
    )


# A new dataset is a new line here.
DATASETS = {
    "mnist_5k": Entry((32, 32, 1), 10, 4_000, 1_000, _DIGITS, load=mnist_5k.load),
    "mnist": Entry((28, 28, 1), 10, 60_000, 10_000, _DIGITS, tfds_name="mnist"),
    "fashion-mnist": _FASHION_MNIST,
    "fashion_mnist": _FASHION_MNIST,
    "cifar10": Entry((32, 32, 3), 10, 50_000, 10_000, _CIFAR10, tfds_name="cifar10"),
    "imagenet_64": _imagenet(64),
    "imagenet_128": _imagenet(128),
    "imagenet_256": _imagenet(256),
    "imagenet_512": _imagenet(512),
}
