"""Resizers to the size that a feature network takes.

FID depends on the resizer (https://arxiv.org/abs/2104.11222, Parmar et al.), so every score names its own.
"""

import functools

import numpy as np
import tensorflow as tf


def tf1_bilinear(images, height, width):
    """Bilinear of TensorFlow 1, compare_gan and torch-fidelity: no half-pixel centres, no antialiasing."""
    return tf.raw_ops.ResizeBilinear(images=images, size=[height, width], align_corners=False, half_pixel_centers=False)


def tf2_bilinear(images, height, width):
    """Bilinear of `tf.image.resize` by default: half-pixel centres, no antialiasing."""
    return tf.image.resize(images, [height, width], "bilinear", antialias=False)


def clean(images, height, width):
    """Bicubic of clean-fid and of Pillow's mode F: antialiased, floating point per channel, clipped to [0, 255]."""
    # tf.image.resize(antialias=True) rounds its weights to float32 and differs from Pillow by up to 0.008 of 255.
    rows = _bicubic_weights(images.shape[1], height)
    columns = _bicubic_weights(images.shape[2], width)
    resized = tf.einsum("yh,nhwc,xw->nyxc", rows, images, columns, optimize="optimal")
    return tf.clip_by_value(resized, 0.0, 255.0)


RESIZERS = {"tf1_bilinear": tf1_bilinear, "clean": clean, "tf2_bilinear": tf2_bilinear}


def resize(images, height, width, resizer):
    """Images [N, height, width, C] in [0, 255]; the same ones if they have this size already.

    Args:
        images: float32 tensor [N, H, W, C] in [0, 255] with known H and W.
        height, width: of the result.
        resizer: a key of `RESIZERS`.
    """
    if tuple(images.shape[1:3]) == (height, width):
        return images
    return RESIZERS[resizer](images, height, width)


@functools.cache
def _bicubic_weights(size, new_size):
    """float32 [new_size, size]: share of each old pixel in each new one.

    The cubic kernel with a = -1/2, widened for shrinking, cut at the border and normalised.
    """
    stretch = max(size / new_size, 1.0)
    centres = (np.arange(new_size) + 0.5) * size / new_size
    # A pixel counts if its index is in this range, both ends rounded half up as in Pillow.
    first = np.maximum(np.floor(centres - 2.0 * stretch + 0.5), 0)[:, None]
    last = np.minimum(np.floor(centres + 2.0 * stretch + 0.5), size)[:, None]
    pixels = np.arange(size)[None]
    weights = _cubic((pixels + 0.5 - centres[:, None]) / stretch) * ((pixels >= first) & (pixels < last))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def _cubic(distance):
    x = np.abs(distance)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))
