"""What the networks without any norm share, R3GAN and StyleGAN2: what they refuse, and images in [-1, 1] inside."""

import tensorflow as tf

from compare_gan2.architectures import base


def require_power_of_two(architecture, image_shape):
    """Raises a `ValueError` unless images are square, with 1 or 3 channels and a side of 8, 16, ... or 1024."""
    base.require_image_size(architecture, image_shape, [2**k for k in range(3, 11)])


def require_no_norms(architecture, selector, network):
    """Raises a `ValueError` if a network without norms is asked for one; `selector` is "G" or "D"."""
    asked = {"batch_norm_fn": network.has_batch_norm, "layer_norm": network.factory.has_layer_norm}
    asked |= {"spectral_norm": network.spectral_norm, "weight_norm": network.weight_norm}
    wrong = {option: None if option == "batch_norm_fn" else False for option, value in asked.items() if value}
    if wrong:
        (first, off), others = next(iter(wrong.items())), [f"{selector}.{name} = {off}" for name, off in wrong.items()]
        raise ValueError(
            f"{selector}.{first}: expected {off} with {architecture}, which has no such norm and starts from other "
            f"values; bind {', '.join(others)}"
        )


def to_signed(images, dtype):
    """Images in [-1, 1] of a dtype, of images in [0, 1]."""
    return 2.0 * tf.cast(images, dtype) - 1.0


def from_signed(images, training):
    """float32 images, of images in about [-1, 1]: in [0, 1], cut to it at inference alone."""
    images = 0.5 * (tf.cast(images, tf.float32) + 1.0)
    return images if training else tf.clip_by_value(images, 0.0, 1.0)


def completed(labels):
    """Label vectors of sum 1: what is missing, all of it where the label is unknown, is spread over the classes."""
    return labels + (1.0 - tf.reduce_sum(labels, axis=1, keepdims=True)) / labels.shape[-1]
