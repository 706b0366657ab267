"""Doubling and halving of height and width, alone and together with a convolution.

The original doubles by inserting zeros before a convolution and halves by averaging after it. Three quarters of that
work is multiplication by zero or is averaged away, so the fused forms below compute the same numbers with a quarter of
the multiplications. Kernels are [height, width, in, out] as for `tf.nn.conv2d`.
"""

import tensorflow as tf


def unpool(images):
    """[N, H, W, C] -> [N, 2H, 2W, C]: pixel (i, j) moves to (2i, 2j), the other three of each four are zero."""
    _, height, width, channels = images.shape
    count = tf.shape(images)[0]
    images = tf.reshape(images, [count, height, 1, width, 1, channels])
    images = tf.pad(images, [[0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [0, 0]])
    return tf.reshape(images, [count, 2 * height, 2 * width, channels])


def mean_pool(images):
    """[N, H, W, C] -> [N, ceil(H/2), ceil(W/2), C]: means of 2x2 blocks."""
    return tf.nn.avg_pool2d(images, 2, 2, "SAME")


def unpool_conv(images, kernel):
    """conv(unpool(images), kernel) with stride 1 and SAME padding, for 3x3 and 1x1 kernels."""
    if kernel.shape[0] == 1:
        return unpool(tf.nn.conv2d(images, kernel, 1, "SAME"))
    _, height, width, _ = images.shape
    flipped = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2])
    count, channels = tf.shape(images)[0], kernel.shape[-1]
    paddings = [[0, 0], [1, 0], [1, 0], [0, 0]]  # plain SAME is off by one pixel
    if images.dtype != tf.float32:  # explicit paddings fall off the fast kernels; a fourth row of zeros does not
        flipped, paddings = tf.pad(flipped, [[0, 1], [0, 1], [0, 0], [0, 0]]), "SAME"
    return tf.nn.conv2d_transpose(images, flipped, [count, 2 * height, 2 * width, channels], 2, paddings)


def conv_mean_pool(images, kernel):
    """mean_pool(conv(images, kernel)) with stride 1 and SAME padding, for 3x3 and 1x1 kernels."""
    if kernel.shape[0] == 1:
        return tf.nn.conv2d(mean_pool(images), kernel, 1, "SAME")
    if images.shape[1] % 2 or images.shape[2] % 2:
        return mean_pool(tf.nn.conv2d(images, kernel, 1, "SAME"))  # a border mean has fewer members: no fused form

    def shifted(down, right):
        return tf.pad(kernel, [[down, 1 - down], [right, 1 - right], [0, 0], [0, 0]])

    averaged = 0.25 * (shifted(0, 0) + shifted(0, 1) + shifted(1, 0) + shifted(1, 1))
    return tf.nn.conv2d(images, averaged, 2, "SAME")
