"""What the losses of an update are computed from."""

import collections

import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import Moment

# Real images [N, H, W, C] in [0, 1]; their label vectors [N, num_classes], all zeros where unlabelled, and those of the
# fakes, None in unconditional models; latents [N, z_dim]; when the update takes place, with its random draws.
# `draws`, function (shape, purpose) -> draws from [0, 1) for the generator; None: it has none.
# The others are None or made by `seen_images`: real images and fakes before their augmentation, and labels of the real
# images with zeros where a fake took their place.
FIELDS = (
    "images",
    "labels",
    "latents",
    "sampled_labels",
    "moment",
    "draws",
    "plain_images",
    "plain_fakes",
    "known_labels",
)
Batch = collections.namedtuple("Batch", FIELDS, defaults=[Moment(), None, None, None, None])


def concatenate(parts):
    """(images, labels) of all parts, concatenated; labels are None if those of the parts are."""
    images = tf.concat([images for images, _ in parts], 0)
    return images, None if parts[0][1] is None else tf.concat([labels for _, labels in parts], 0)


def require_equal_parts(batch_size, num_replicas, accumulate_steps):
    """Raises a `ConfigError` unless a batch divides among the replicas, and that of each into equal parts."""
    if batch_size % num_replicas:
        raise ConfigError(f"options.batch_size: expected a multiple of the {num_replicas} replicas, got {batch_size}")
    if batch_size % (num_replicas * accumulate_steps):
        raise ConfigError(
            f"run_config.accumulate_steps: expected options.batch_size ({batch_size}) to be a multiple of "
            f"{num_replicas} replicas x accumulate_steps, got {accumulate_steps}"
        )
