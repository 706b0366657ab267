"""ADA's changes of colour, as one affine map of the colours of each image (Karras et al. 2020, appendix B.2)."""

import numpy as np
import tensorflow as tf

COLORS = ("brightness", "contrast", "lumaflip", "hue", "saturation")
LUMA = np.full([3, 3], 1 / 3, np.float32)  # projection onto the axis of grey
ACROSS = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], np.float32) / np.sqrt(np.float32(3))  # cross product with it


def recolored(images, parameters):
    """Images [N, H, W, 1 or 3] after the operations of `COLORS` among the parameters, see `ada_draws`; not clipped.

    A grey image is taken as one of three equal channels, and the mean of these is returned.
    """
    matrix, offset = color_map(parameters, images.shape[0])
    if images.shape[3] == 1:
        factor = tf.reduce_mean(tf.reduce_sum(matrix, 2), 1)
        return images * factor[:, None, None, None] + tf.reduce_mean(offset, 1)[:, None, None, None]
    outputs = offset[:, None, None, :]
    for channel in range(3):
        outputs += images[..., channel : channel + 1] * matrix[:, None, None, :, channel]
    return outputs


def color_map(parameters, count):
    """(matrices [N, 3, 3], offsets [N, 3]) that map a colour to matrix @ colour + offset."""
    matrix, offset = tf.tile(tf.eye(3)[None], [count, 1, 1]), tf.zeros([count, 3])
    if "brightness" in parameters:
        offset += parameters["brightness"][:, None]
    for name, matrix_of in (
        ("contrast", _contrast),
        ("lumaflip", _lumaflip),
        ("hue", _hue),
        ("saturation", _saturation),
    ):
        if name in parameters:
            step = matrix_of(parameters[name][:, None, None])
            matrix = tf.reduce_sum(step[:, :, :, None] * matrix[:, None], 2)
            offset = tf.reduce_sum(step * offset[:, None], 2)
    return matrix, offset


def _contrast(factor):
    return factor * tf.eye(3)


def _lumaflip(flip):
    return tf.eye(3) - 2.0 * flip * LUMA


def _hue(angle):
    return LUMA + tf.cos(angle) * (tf.eye(3) - LUMA) + tf.sin(angle) * ACROSS


def _saturation(factor):
    return LUMA + (tf.eye(3) - LUMA) * factor
