"""Images read at other pixels: shifts with zeros or mirrored edges, flips, windows; one gather for a whole batch.

Shapes are static and positions are computed from draws, so that a graph and XLA take the same way.
"""

import tensorflow as tf


def per_image(values):
    """Numbers [N] as [N, 1, 1, 1], to combine with images."""
    return tf.reshape(values, [-1, 1, 1, 1])


def whole_number(draws, count):
    """int32 from 0 to count - 1, equally likely, of uniform draws in [0, 1)."""
    return tf.minimum(tf.cast(draws * count, tf.int32), count - 1)  # a product may be rounded up to count


def read_at(images, rows, columns):
    """Images [N, H, W, C] whose pixel (i, j) is that of `images` at (rows[i], columns[j]).

    Args:
        images: [N, H, W, C], H, W and C static.
        rows: int32 [N, H] in [0, H).
        columns: int32 [N, W] in [0, W).
    """
    _, height, width, channels = images.shape
    positions = rows[:, :, None] * width + columns[:, None, :]
    pixels = tf.gather(
        tf.reshape(images, [-1, height * width, channels]),
        tf.reshape(positions, [-1, height * width]),
        axis=1,
        batch_dims=1,
    )
    return tf.reshape(pixels, [-1, height, width, channels])


def shifted(images, rows, columns):
    """Images whose pixel (i, j) is that of `images` at (i + rows, j + columns), 0 outside.

    Args:
        images: [N, H, W, C].
        rows, columns: int32 [N].
    """
    row_positions, row_inside = _positions(rows, images.shape[1])
    column_positions, column_inside = _positions(columns, images.shape[2])
    inside = tf.cast(row_inside[:, :, None] & column_inside[:, None, :], images.dtype)
    return read_at(images, row_positions, column_positions) * inside[..., None]


def _positions(offsets, size):
    """(positions [N, size] moved by offsets [N] and kept inside, whether they were inside before)."""
    moved = tf.range(size)[None] + tf.cast(offsets, tf.int32)[:, None]
    return tf.clip_by_value(moved, 0, size - 1), (moved >= 0) & (moved < size)


def mirrored(positions, size):
    """Positions in [0, size) of pixels beyond the edges of an image, which is mirrored there without its edge.

    Args:
        positions: whole numbers from 1 - size to 2 size - 2.
        size: of the image.
    """
    return size - 1 - abs(size - 1 - abs(positions))


def outside_window(shape, rows, columns, height, width):
    """float32 [N, H, W, 1]: 0 in a window of each image, 1 elsewhere.

    Args:
        shape: of the images.
        rows, columns: int32 [N], first row and first column of the window; it may leave the image.
        height, width: of the window.
    """
    in_rows = _between(rows, height, shape[1])
    in_columns = _between(columns, width, shape[2])
    return 1.0 - tf.cast(in_rows[:, :, None] & in_columns[:, None, :], tf.float32)[..., None]


def _between(first, count, size):
    positions, first = tf.range(size)[None], tf.cast(first, tf.int32)[:, None]
    return (positions >= first) & (positions < first + count)
