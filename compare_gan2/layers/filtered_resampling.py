"""Doubling and halving of height and width with the filter [1, 3, 3, 1] / 8 per axis (Karras et al. 2020, StyleGAN2).

The filter is three means of neighbours in turn, computed as 2x2 means, which have gradients of every order everywhere.
"""

import tensorflow as tf


def blur(images):
    """[N, H, W, C] -> [N, H - 3, W - 3, C]: the filter at every place inside the images."""
    return _means(_means(_means(images)))


def filtered_up(images):
    """[N, H, W, C] -> [N, 2H, 2W, C]: per axis (x[i-1] + 3 x[i]) / 4 and (3 x[i] + x[i+1]) / 4, with zeros outside."""
    _, height, width, channels = images.shape
    doubled = tf.broadcast_to(images[:, :, None, :, None, :], [tf.shape(images)[0], height, 2, width, 2, channels])
    doubled = tf.reshape(doubled, [-1, 2 * height, 2 * width, channels])
    return _means(_means(padded(doubled, 1)))


def filtered_down(images):
    """[N, H, W, C] -> [N, H/2, W/2, C]: per axis (x[2i-1] + 3 x[2i] + 3 x[2i+1] + x[2i+2]) / 8, with zeros outside."""
    return tf.nn.avg_pool2d(_means(_means(padded(images, 1))), 2, 2, "VALID")


def filtered_up_conv(images, kernel):
    """[N, H, W, in] -> [N, 2H, 2W, out]: zeros after each pixel, a 3x3 convolution, then the filter, times 4.

    The kernel [3, 3, in, out] is turned by half a turn, as a transposed convolution has it.
    """
    _, height, width, _ = images.shape
    shape = [tf.shape(images)[0], 2 * height + 1, 2 * width + 1, kernel.shape[-1]]
    outputs = tf.nn.conv2d_transpose(images, tf.transpose(kernel, [0, 1, 3, 2]), shape, 2, "VALID")
    return 4.0 * blur(padded(outputs, 1))


def filtered_down_conv(images, kernel):
    """[N, H, W, in] -> [N, H/2, W/2, out]: the filter, then a convolution with a 3x3 kernel and stride 2."""
    return tf.nn.conv2d(blur(padded(images, 2)), kernel, 2, "VALID")


def padded(images, count):
    """[N, H, W, C] with so many zeros at each side."""
    return tf.pad(images, [[0, 0], [count, count], [count, count], [0, 0]])


def _means(images):
    return tf.nn.avg_pool2d(images, 2, 1, "VALID")
