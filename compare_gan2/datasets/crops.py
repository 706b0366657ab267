"""Crop and size of pictures of any size, for datasets that the original did not have."""

import functools
import typing

import tensorflow as tf

from compare_gan2.datasets import transforms

CropMethod = typing.Literal["distorted", "random", "middle", "none"]


def cropped(crop, height, width):
    """(training, test) transforms as sources take them: crop, then antialiased resize.

    Args:
        crop: see `transforms.crop`; test images get the middle where it is drawn by chance.
        height, width: afterwards.
    """
    test = "none" if crop == "none" else "middle"
    return tuple(functools.partial(_crop_and_resize, method=m, height=height, width=width) for m in (crop, test))


def _crop_and_resize(image, seed, method, height, width):
    """float32 [height,width,C] in [0,1] of an image uint8 [H,W,C]."""
    image = tf.cast(transforms.crop(image, method, seed), tf.float32) / 255.0
    return transforms.antialiased_resize(image, height, width)
