"""Crop and size of images of any size, for datasets that the original did not have."""

import functools

import tensorflow as tf

from compare_gan2.datasets import transforms


def cropped(crop, height, width):
    """(training, test) transform of a source: functions (image, seed) that crop, then resize with antialiasing.

    Args:
        crop: a `CropMethod` for training images; test images get the middle where it is random.
        height, width: pixels afterwards.

    Returns:
        Two functions (image uint8 [H,W,C], seed [2]) -> float32 [height,width,C] in [0, 1].
    """
    test = "none" if crop == "none" else "middle"
    return tuple(functools.partial(_crop_and_resize, method=m, height=height, width=width) for m in (crop, test))


def _crop_and_resize(image, seed, method, height, width):
    image = tf.cast(transforms.crop(image, method, seed), tf.float32) / 255.0
    return transforms.antialiased_resize(image, height, width)
