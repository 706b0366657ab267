"""How images of any size are cropped: the methods, and which of them ImageNet's images get."""

import dataclasses
import typing

from compare_gan2.config.declare import configurable

CropMethod = typing.Literal["distorted", "random", "middle", "none"]  # see `transforms.crop`
FolderCrop = typing.Literal["distorted", "random", "middle", "none", "pad"]  # see `training_picture`


@configurable("train_imagenet_transform", module="compare_gan.datasets", allowlist=["crop_method"])
def train_imagenet_transform(crop_method: CropMethod = "distorted"):
    """Crop method of ImageNet's training images before they are resized.

    Args:
        crop_method: see `transforms.crop`.
    """
    return crop_method


@configurable("eval_imagenet_transform", module="compare_gan.datasets", allowlist=["crop_method"])
def eval_imagenet_transform(crop_method: CropMethod = "middle"):
    """Crop method of ImageNet's validation images before they are resized.

    Args:
        crop_method: see `transforms.crop`.
    """
    return crop_method


@dataclasses.dataclass(frozen=True)
class ImagenetCrops:
    """Crop methods of ImageNet's images before they are resized, see `transforms.crop`.

    Attributes:
        train: of training images.
        test: of validation images.
    """

    train: CropMethod = "distorted"
    test: CropMethod = "middle"
