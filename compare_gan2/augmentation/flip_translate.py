"""Flips and small shifts, the augmentation of consistency regularisation (Zhang et al. 2020, section 3)."""

import dataclasses

import tensorflow as tf

from compare_gan2.augmentation.base import Augmentation, require_side
from compare_gan2.augmentation.pixels import mirrored, read_at, whole_number
from compare_gan2.config.declare import configurable


def flip_translate(images, flips, rows, columns):
    """Images, flipped left to right where `flips`, then read at (i + rows, j + columns), mirrored beyond their edges.

    Args:
        images: [N, H, W, C].
        flips: bool [N].
        rows, columns: int32 [N], of less than H and W pixels.
    """
    _, height, width, _ = images.shape
    row_positions = mirrored(tf.range(height)[None] + tf.cast(rows, tf.int32)[:, None], height)
    column_positions = mirrored(tf.range(width)[None] + tf.cast(columns, tf.int32)[:, None], width)
    column_positions = tf.where(flips[:, None], width - 1 - column_positions, column_positions)
    return read_at(images, row_positions, column_positions)


def reach(size):
    """Largest shift in pixels: an eighth of the side."""
    return size // 8


@configurable("flip_translate", module="compare_gan2.augmentation")
@dataclasses.dataclass(frozen=True)
class FlipTranslate(Augmentation):
    """Flips left to right and shifts by up to an eighth of the side, mirrored at the edges (Zhang et al. 2020)."""

    def augmented(self, images, uniform, p=None):
        draws = uniform([images.shape[0], 3], "flip_translate")
        rows, columns = (
            whole_number(draws[:, i + 1], 2 * reach(size) + 1) - reach(size) for i, size in enumerate(images.shape[1:3])
        )
        return flip_translate(images, draws[:, 0] < 0.5, rows, columns)

    def require_images(self, image_shape):
        require_side("flip_translate", image_shape, 8, "a shift by an eighth is less than a pixel")
