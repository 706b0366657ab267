"""How stored images of the catalogue's datasets become those of training and scores, as in the original."""

import functools

import tensorflow as tf

from compare_gan2.datasets import transforms
from compare_gan2.datasets.crop_options import ImagenetCrops


def transforms_of(entry, crops=None):
    """(training, test) transform of a dataset's stored images.

    Args:
        entry: `catalog.Entry`.
        crops: `ImagenetCrops`, for entries with the transform "imagenet"; None: their defaults.

    Returns:
        Two functions (image uint8 [H,W,C], seed [2]) -> float32 of `entry.image_shape` in [0, 1].
    """
    if entry.transform == "imagenet":
        crops = crops or ImagenetCrops()
        return imagenet_transforms(entry.image_shape[0], crops.train, crops.test)
    if entry.transform == "padded":
        transform = functools.partial(_padded, side=entry.image_shape[0])
    else:
        transform = {"scaled": _scaled, "faces": _faces, "bedrooms": _bedrooms}[entry.transform]
    return transform, transform


def imagenet_transforms(size, train_crop="distorted", test_crop="middle"):
    """(training, test) transform of ImageNet's images: a crop, then TensorFlow 1's resize to size x size pixels.

    Args:
        size: side in pixels afterwards.
        train_crop, test_crop: `CropMethod` of each.

    Returns:
        Two functions (image uint8 [H,W,3], seed [2]) -> float32 [size,size,3] in [0, 1].
    """

    def resized(crop):
        return lambda image, seed: transforms.resize(_scaled(crop(image, seed=seed)), size, size)

    return tuple(resized(functools.partial(transforms.crop, method=method)) for method in (train_crop, test_crop))


def _scaled(image, seed=None):
    del seed
    return tf.cast(image, tf.float32) / 255.0


def _padded(image, seed=None, *, side):
    """The image in the middle of a black square."""
    return _scaled(transforms.middle(image, side), seed)


def _faces(image, seed=None):
    """The middle 160x160 of an aligned face, resized to 64x64."""
    return transforms.resize(_scaled(transforms.middle(image, 160), seed), 64, 64)


def _bedrooms(image, seed=None):
    """The middle 128x128 at the stored size, as in the original: a detail of the room."""
    return _scaled(transforms.middle(image, 128), seed)
