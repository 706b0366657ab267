"""The datasets by name: facts about each, and where its images come from. Nothing here reads an image."""

import dataclasses
import typing

from compare_gan2.datasets.sources import convex_polygons, fashion_mnist, mnist_5k


@dataclasses.dataclass(frozen=True)
class Entry:
    """One dataset.

    Attributes:
        image_shape: (height, width, channels) after the transforms.
        num_classes: number of classes; None if it has no labels.
        num_train, num_test: images of the splits.
        class_names: one name per class, or None.
        load: function () -> training images, labels, test images, labels; None: it is read through TFDS.
        is_installed: function () -> whether `load` finds its files; otherwise it is read through TFDS. None: it does.
        install: command that installs these files.
        tfds_name: its name in TFDS.
        train_split, test_split: TFDS splits for training and for scores.
        transform: how stored images become those of training, see `catalog_transforms`.
        manual_archives: files that have to be downloaded by hand first.
        label: where training labels come from: "stored", the data or `replace_labels`; "soft", class probabilities from
            `replace_labels`; "single", all are 0; "random", drawn once for each image.
        only_labelled: leave out training images without a label.
        partly_labelled: whether some stored labels are -1.
        min_side: leave out training images with a side shorter than this, in pixels; None: none are.
    """

    image_shape: tuple
    num_classes: int | None
    num_train: int
    num_test: int
    class_names: tuple | None = None
    load: typing.Callable | None = None
    is_installed: typing.Callable | None = None
    install: str | None = None
    tfds_name: str | None = None
    train_split: str = "train"
    test_split: str = "test"
    transform: typing.Literal["scaled", "padded", "faces", "bedrooms", "imagenet"] = "scaled"
    manual_archives: tuple = ()
    label: typing.Literal["stored", "soft", "single", "random"] = "stored"
    only_labelled: bool = False
    partly_labelled: bool = False
    min_side: int | None = None


_DIGITS = tuple("0123456789")
_CLOTHES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_STL10 = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


def _imagenet(size, num_classes=1000, **facts):
    return Entry(
        (size, size, 3),
        num_classes,
        1_281_167,
        50_000,
        tfds_name="imagenet2012",
        test_split="validation",
        transform="imagenet",
        manual_archives=("ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"),
        **facts,
    )


# A new dataset is a new line here.
DATASETS = {
    "mnist_5k": Entry((32, 32, 1), 10, 4_000, 1_000, _DIGITS, load=mnist_5k.load),
    "mnist": Entry((28, 28, 1), 10, 60_000, 10_000, _DIGITS, tfds_name="mnist"),
    "fashion-mnist": Entry((28, 28, 1), 10, 60_000, 10_000, _CLOTHES, tfds_name="fashion_mnist"),  # as the original
    "fashion_mnist": Entry(
        (fashion_mnist.SIDE, fashion_mnist.SIDE, 1),
        10,
        60_000,
        10_000,
        _CLOTHES,
        load=fashion_mnist.load,
        is_installed=fashion_mnist.is_installed,
        install=fashion_mnist.INSTALL,
        tfds_name="fashion_mnist",
        transform="padded",
    ),
    "cifar10": Entry((32, 32, 3), 10, 50_000, 10_000, _CIFAR10, tfds_name="cifar10"),
    "cifar100": Entry((32, 32, 3), 100, 50_000, 10_000, tfds_name="cifar100"),  # TFDS has the names
    # Its 5,000 labelled images beside 100,000 without a label; labels.only_labelled leaves these out.
    "stl10": Entry(
        (96, 96, 3),
        10,
        105_000,
        8_000,
        _STL10,
        tfds_name="stl10",
        train_split="train+unlabelled",
        partly_labelled=True,
    ),
    "convex_polygons": Entry((32, 32, 1), 4, 4_000, 1_000, convex_polygons.CLASS_NAMES, load=convex_polygons.load),
    "celeb_a": Entry(
        (64, 64, 3), None, 162_770, 10_000, tfds_name="celeb_a", test_split="test[:10000]", transform="faces"
    ),
    # Splits of the SSGAN paper: 3,000 images for scores, the rest for training.
    "celeb_a_hq_128": Entry(
        (128, 128, 3),
        None,
        27_000,
        3_000,
        tfds_name="celeb_a_hq/128",
        train_split="train[:27000]",
        test_split="train[27000:]",
        manual_archives=("data2x2.tar to data1024x1024.tar of CelebA-HQ",),
    ),
    # The original takes every hundredth image of each file for scores; TFDS has no such split any more.
    "lsun-bedroom": Entry(
        (128, 128, 3),
        None,
        3_002_712,
        30_000,
        tfds_name="lsun/bedroom",
        train_split="train[:99%]",
        test_split="train[-30000:]",
        transform="bedrooms",
    ),
    "imagenet_64": _imagenet(64),
    "imagenet_128": _imagenet(128),
    "imagenet_256": _imagenet(256),
    "imagenet_512": _imagenet(512),
    "imagenet_512_hq400": _imagenet(512, min_side=400),
    "labeled_only_imagenet_128": _imagenet(128, only_labelled=True),
    "soft_labeled_imagenet_128": _imagenet(128, label="soft"),
    "single_class_imagenet_128": _imagenet(128, num_classes=1, label="single"),
    "random_class_imagenet_128": _imagenet(128, label="random"),
}
