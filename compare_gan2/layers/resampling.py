"""Doubling and halving of height and width, alone and fused with a convolution.

The original inserts zeros before a convolution to double the side, and averages after it to halve the side. Three
quarters of the multiplications are then by zero or averaged away; the fused functions compute the same values with a
quarter of the multiplications. Kernels are [height, width, in, out] as for `tf.nn.conv2d`.
"""

import tensorflow as tf


def unpool(images):
    """[N, H, W, C] -> [N, 2H, 2W, C]: pixel (i, j) moves to (2i, 2j); the other three of each 2x2 block are zero."""
    _, height, width, channels = images.shape
    count = tf.shape(images)[0]
    images = tf.reshape(images, [count, height, 1, width, 1, channels])
    images = tf.pad(images, [[0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [0, 0]])
    return tf.reshape(images, [count, 2 * height, 2 * width, channels])


def mean_pool(images):
    """[N, H, W, C] -> [N, ceil(H/2), ceil(W/2), C]: means of 2x2 blocks; at an odd border, of the pixels inside."""
    return tf.nn.avg_pool2d(images, 2, 2, "SAME")


def max_pool(images):
    """[N, H, W, C] -> [N, H/2, W/2, C]: maxima of 2x2 blocks, for even H and W.

    Of equal maxima the first receives the gradient, as in `tf.nn.max_pool2d`.
    """
    # XLA has no deterministic gradient of max_pool2d. Unstacked, because the gradient of a strided slice takes four
    # times as long on a CPU.
    _, height, width, channels = images.shape
    left, right = tf.unstack(tf.reshape(images, [-1, height, width // 2, 2, channels]), axis=3)
    rows = tf.reshape(tf.maximum(left, right), [-1, height // 2, 2, width // 2 * channels])
    above, below = tf.unstack(rows, axis=2)
    return tf.reshape(tf.maximum(above, below), [-1, height // 2, width // 2, channels])


def conv(images, kernel, strides=1):
    """[N, H, W, in] -> [N, ceil(H/strides), ceil(W/strides), out]: convolution with SAME padding.

    A 1x1 kernel is computed as a matrix product, of every `strides`-th pixel.
    """
    if tuple(kernel.shape[:2]) != (1, 1):
        return tf.nn.conv2d(images, kernel, strides, "SAME")
    if strides != 1:
        images = images[:, ::strides, ::strides]
    _, height, width, channels = images.shape
    # The gradient by the kernel of a 1x1 convolution takes thirty times as long on a CPU.
    outputs = tf.matmul(tf.reshape(images, [-1, channels]), kernel[0, 0])
    return tf.reshape(outputs, [-1, height, width, kernel.shape[-1]])


def unpool_conv(images, kernel):
    """[N, H, W, in] -> [N, 2H, 2W, out]: conv(unpool(images), kernel), for 3x3 and 1x1 kernels."""
    if kernel.shape[0] == 1:
        return unpool(conv(images, kernel))
    _, height, width, _ = images.shape
    shape = [tf.shape(images)[0], 2 * height, 2 * width, kernel.shape[-1]]
    # A transposed convolution pads at the wrong end, and wants a mirrored kernel: of mirrored images it pads at the
    # right end and takes the kernel as it is. Explicit paddings would miss the fast implementations.
    mirrored = tf.reverse(images, [1, 2])
    outputs = tf.nn.conv2d_transpose(mirrored, tf.transpose(kernel, [0, 1, 3, 2]), shape, 2, "SAME")
    return tf.reverse(outputs, [1, 2])


def conv_mean_pool(images, kernel):
    """[N, H, W, in] -> [N, ceil(H/2), ceil(W/2), out]: mean_pool(conv(images, kernel)), for 3x3 and 1x1 kernels."""
    if kernel.shape[0] == 1:
        return conv(mean_pool(images), kernel)
    if images.shape[1] % 2 or images.shape[2] % 2:
        # No fused form: a mean at an odd border has fewer members.
        return mean_pool(tf.nn.conv2d(images, kernel, 1, "SAME"))

    # One axis after the other: of four shifted kernels all would be in memory at once.
    averaged = _sum_of_shifts(_sum_of_shifts(0.25 * kernel, 0), 1)
    return tf.nn.conv2d(images, averaged, 2, "SAME")


def _sum_of_shifts(kernel, axis):
    """The kernel plus itself moved by one position; longer by one in this axis."""
    after, before = ([pair if i == axis else (0, 0) for i in range(4)] for pair in ((0, 1), (1, 0)))
    return tf.pad(kernel, after) + tf.pad(kernel, before)
