"""Images read at other positions, bilinearly; beyond the border its pixels are repeated."""

import tensorflow as tf


def grid(height, width):
    """(x [1, 1, width], y [1, height, 1]): positions of pixels from the middle of the image, in pixels."""
    x = tf.range(width, dtype=tf.float32)[None, None, :] - (width - 1) / 2.0
    y = tf.range(height, dtype=tf.float32)[None, :, None] - (height - 1) / 2.0
    return x, y


def warped(images, x, y):
    """Images [N, H, W, C] whose pixels are read at the positions x and y [N, H, W], in pixels from the middle."""
    count, height, width, channels = images.shape
    column, right = _cell(x, width)
    row, low = _cell(y, height)
    first = tf.range(count)[:, None, None] * (height * width) + row * width + column
    pixels = tf.reshape(images, [-1, channels])
    beside = tf.cast(column < width - 1, tf.int32)
    below = tf.cast(row < height - 1, tf.int32) * width
    right, low = right[..., None], low[..., None]
    upper = tf.gather(pixels, first) * (1.0 - right) + tf.gather(pixels, first + beside) * right
    lower = tf.gather(pixels, first + below) * (1.0 - right) + tf.gather(pixels, first + below + beside) * right
    return upper * (1.0 - low) + lower * low


def _cell(position, size):
    """(number of the pixel at or before a position from the middle, share of the next one)."""
    position = tf.clip_by_value(position + (size - 1) / 2.0, 0.0, size - 1.0)
    first = tf.floor(position)
    return tf.cast(first, tf.int32), position - first
