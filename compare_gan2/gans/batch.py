"""What the losses of an update are computed from."""

import collections

import tensorflow as tf

from compare_gan2.training.step import Moment

# Real images [N, H, W, C] in [0, 1]; their label vectors [N, num_classes], all zeros where unlabelled, and those of the
# fakes, None in unconditional models; latents [N, z_dim]; when the update takes place, with its random draws.
FIELDS = ("images", "labels", "latents", "sampled_labels", "moment")
Batch = collections.namedtuple("Batch", FIELDS, defaults=[Moment()])


def concatenate(parts):
    """(images, labels) of all parts, concatenated; labels are None if those of the parts are."""
    images = tf.concat([images for images, _ in parts], 0)
    return images, None if parts[0][1] is None else tf.concat([labels for _, labels in parts], 0)
