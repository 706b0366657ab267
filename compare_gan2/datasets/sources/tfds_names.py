"""Any image dataset of TensorFlow Datasets (TFDS), as `dataset.name = "tfds:NAME"`; its facts come from TFDS."""

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.crops import cropped
from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources.tfds_options import PREFIX
from compare_gan2.datasets.sources.tfds_source import TfdsSource, prepared_builder
from compare_gan2.ground.errors import ConfigError, DataError


def open_tfds(name, options, data_dir, shuffle_buffer_size):
    """`ImageDataset` of "tfds:NAME", its labels as stored.

    Args:
        name: of the dataset, prefix included.
        options: `TfdsOptions`.
        data_dir: folder of TFDS; None: its default.
        shuffle_buffer_size: see `StreamSource`.

    Raises:
        DataError: if the dataset is neither on disk nor can be downloaded, or has no 8-bit images.
        ConfigError: for a name that TFDS does not know, or options that do not fit the dataset.
    """
    tfds_name = name.removeprefix(PREFIX)
    try:
        builder = prepared_builder(name, tfds_name, data_dir)
    except DataError:
        raise
    except ValueError as error:  # what TFDS raises for a name that it does not know
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(f"dataset.name: TensorFlow Datasets has no {tfds_name!r}: {reason}") from error
    image, label = _features(name, builder.info)
    shape = _image_shape(name, builder.info.features[image].shape, options.resolution)
    train_transform, test_transform = cropped(options.crop, *shape[:2])
    if options.resolution is None:
        train_transform = test_transform = _as_stored
    source = TfdsSource(
        builder,
        shape,
        train_split=_split("tfds.train_split", options.train_split, builder),
        test_split=_split("tfds.test_split", options.test_split or _test_split(name, builder.info.splits), builder),
        split_sizes=None,
        train_transform=train_transform,
        test_transform=test_transform,
        shuffle_buffer_size=shuffle_buffer_size,
        image=image,
        label=label,
    )
    classes = builder.info.features[label] if label else None
    return ImageDataset(
        name,
        shape,
        classes.num_classes if classes else None,
        source,
        tuple(classes.names) if classes and classes.names else None,
        fingerprint=f"{builder.info.full_name} {options}",
    )


def _as_stored(image, seed):
    del seed
    return tf.cast(image, tf.float32) / 255.0


def _features(name, info):
    """(name of the image feature, name of the feature of its class or None)."""
    import tensorflow_datasets as tfds

    images = [key for key, feature in info.features.items() if isinstance(feature, tfds.features.Image)]
    classes = [key for key, feature in info.features.items() if isinstance(feature, tfds.features.ClassLabel)]
    supervised = tuple(key for key in info.supervised_keys or () if isinstance(key, str))
    image = _preferred(images, ("image", *supervised))
    features = ", ".join(info.features)
    if image is None or np.dtype(info.features[image].np_dtype) != np.uint8:
        raise DataError(f"dataset.name: expected a dataset with one feature of 8-bit images, {name} has {features}")
    return image, _preferred(classes, ("label", *supervised))


def _preferred(found, order):
    return next((key for key in order if key in found), found[0] if len(found) == 1 else None)


def _image_shape(name, stored, resolution):
    if resolution is not None:
        return (resolution, resolution, stored[2])
    if None in stored:
        raise ConfigError(f"tfds.resolution: images of {name} are of several sizes ({stored}), no value is given")
    return tuple(stored)


def _test_split(name, splits):
    found = next((split for split in ("test", "validation") if split in splits), None)
    if found is None:
        raise ConfigError(
            f"tfds.test_split: {name} has neither test nor validation among {', '.join(splits)}; bind for instance "
            "tfds.train_split = 'train[:90%]' and tfds.test_split = 'train[90%:]'"
        )
    return found


def _split(option, split, builder):
    try:
        size = builder.info.splits[split].num_examples
    except (KeyError, ValueError) as error:
        known = ", ".join(builder.info.splits)
        raise ConfigError(f"{option}: expected a split of {builder.name} ({known}), got {split!r}") from error
    if not size:
        raise DataError(f"{option}: {split!r} of {builder.name} holds no image")
    return split
