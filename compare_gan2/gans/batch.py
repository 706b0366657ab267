"""The batch of an update, and how it divides into parts."""

import collections

import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import Moment

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
Batch.__doc__ = """What the losses of an update are computed from.

Attributes:
    images: real images [N, H, W, C] in [0, 1].
    labels: label vectors [N, num_classes] of the real images, all zeros where unlabelled; None without classes.
    latents: [N, z_dim].
    sampled_labels: label vectors [N, num_classes] of the fakes; None without classes.
    moment: `Moment` of the update, with its random draws.
    draws: function (shape, purpose) -> draws from [0, 1) for the generator; None: it draws nothing.
    plain_images, plain_fakes: real images and fakes before augmentation, where `SeenImages` keeps them; else None.
    known_labels: `labels` with zeros where a fake took the place of a real image; None where none did.
"""


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
