"""ADA's flips, turns, scalings and shifts, done as one affine map of each image (Karras et al. 2020, appendix B.2).

Images are mirrored at the edges, up-sampled to twice the size with a wavelet's filter, read bilinearly at the mapped
positions of a grid, and down-sampled with the same filter. Resampling is a product with constant matrices, one of which
contains the mirrored edges; these are as wide as any map can reach, so that shapes are static and an image does not
depend on the others of its batch.
"""

import functools
import math

import numpy as np
import tensorflow as tf

from compare_gan2.augmentation.pixels import mirrored

GEOMETRY = ("xflip", "rotate90", "xint", "scale", "rotate", "aniso", "xfrac")
# Low-pass filter of the orthogonal wavelet "sym6" (Daubechies 1992), scaled to a sum of 1.
_WAVELET = np.array(
    [
        *(0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633),
        *(0.4910559419267466, 0.787641141030194, 0.3379294217276218, -0.07263752278646252),
        *(-0.021060292512300564, 0.04472490177066578, 0.0017677118642428036, -0.007800708325034148),
    ]
)
FILTER = _WAVELET / np.sum(_WAVELET)
BESIDE = 3  # pixels beside the image that the down-sampling filter reads


class Affine:
    """Maps (x, y) -> (a x + b y + c, d x + e y + f), one for each image, composed from right to left.

    Numbers, not matrices: products of matrices may be computed with less than float32's precision on a GPU.
    """

    def __init__(self, count):
        one, zero = tf.ones([count]), tf.zeros([count])
        self.a, self.b, self.c, self.d, self.e, self.f = one, zero, zero, zero, one, zero

    def scale(self, x, y):
        """First scales by x and y."""
        self.a, self.b, self.d, self.e = self.a * x, self.b * y, self.d * x, self.e * y

    def rotate(self, angle):
        """First rotates by an angle, from x towards y."""
        cos, sin = tf.cos(angle), tf.sin(angle)
        self.a, self.b = self.a * cos + self.b * sin, self.b * cos - self.a * sin
        self.d, self.e = self.d * cos + self.e * sin, self.e * cos - self.d * sin

    def shift(self, x, y):
        """First shifts by x and y."""
        self.c += self.a * x + self.b * y
        self.f += self.d * x + self.e * y


def inverse_map(parameters, count, height, width):
    """`Affine` from positions in the output to positions in the input, both in pixels from the middle, y downwards."""
    found = Affine(count)
    if "xflip" in parameters:
        found.scale(1.0 - 2.0 * parameters["xflip"], 1.0)
    if "rotate90" in parameters:
        found.rotate(math.pi / 2 * parameters["rotate90"])
    if "xint" in parameters:
        shift = parameters["xint"]
        found.shift(-tf.round(shift[:, 0] * width), -tf.round(shift[:, 1] * height))
    if "scale" in parameters:
        found.scale(1.0 / parameters["scale"], 1.0 / parameters["scale"])
    if "rotate" in parameters:
        found.rotate(parameters["rotate"][0])
    if "aniso" in parameters:
        found.scale(1.0 / parameters["aniso"], parameters["aniso"])
    if "rotate" in parameters:
        found.rotate(parameters["rotate"][1])
    if "xfrac" in parameters:
        shift = parameters["xfrac"]
        found.shift(-shift[:, 0] * width, -shift[:, 1] * height)
    return found


def moved(images, parameters):
    """Images [N, H, W, C] after the operations of `GEOMETRY` among the parameters, see `ada_draws`."""
    count, height, width, channels = images.shape
    rows, columns = upsampling(height), upsampling(width)
    large = _times_rows(_times_columns(images, columns, channels), rows)
    affine = inverse_map(parameters, count, height, width)
    read = _read(large, affine, 2 * (height + 2 * BESIDE), 2 * (width + 2 * BESIDE))
    return _times_columns(_times_rows(read, downsampling(height)), downsampling(width), channels)


def _read(large, affine, height, width):
    """Bilinear samples [N, height, width, C] of images that have a border of zeros, at the mapped positions."""
    # Positions of the grid in pixels of double size from the middle; the middle of a pixel of the image is between two.
    x = tf.range(width, dtype=tf.float32)[None, None, :] + (1.0 - width / 2.0)
    y = tf.range(height, dtype=tf.float32)[None, :, None] + (1.0 - height / 2.0)
    a, b, c, d, e, f = (v[:, None, None] for v in (affine.a, affine.b, affine.c, affine.d, affine.e, affine.f))
    column, right = _cell(a * x + b * y + 2.0 * c - 0.5, large.shape[2])
    row, low = _cell(d * x + e * y + 2.0 * f - 0.5, large.shape[1])
    pixels = tf.reshape(large, [-1, large.shape[1] * large.shape[2], large.shape[3]])

    def corner(below, beside):
        rows = tf.clip_by_value(row + below, 0, large.shape[1] - 1)
        positions = rows * large.shape[2] + tf.clip_by_value(column + beside, 0, large.shape[2] - 1)
        return tf.gather(pixels, tf.reshape(positions, [-1, height * width]), axis=1, batch_dims=1)

    right, low = (tf.reshape(share, [-1, height * width, 1]) for share in (right, low))
    upper = corner(0, 0) * (1.0 - right) + corner(0, 1) * right
    lower = corner(1, 0) * (1.0 - right) + corner(1, 1) * right
    return tf.reshape(upper * (1.0 - low) + lower * low, [-1, height, width, large.shape[3]])


def _cell(position, size):
    """(number of the pixel at or before a position from the middle, share of the next one)."""
    position += size / 2.0 - 0.5
    first = tf.floor(position)
    # Far away everything is the border's 0; the cast of a large number is not defined.
    return tf.cast(tf.clip_by_value(first, -1.0, float(size)), tf.int32), position - first


@functools.cache
def upsampling(size):
    """Matrix [2 (3 size - 2) + 2, size] that mirrors, up-samples by 2, and puts a zero at both ends."""
    mirror = np.zeros([3 * size - 2, size])
    positions = np.arange(1 - size, 2 * size - 1)
    mirror[np.arange(3 * size - 2), mirrored(positions, size)] = 1
    spread = np.zeros([2 * (3 * size - 2), 3 * size - 2])
    for output in range(len(spread)):
        for tap, value in enumerate(FILTER[::-1]):  # convolution: the filter is reversed
            source = output + tap - len(FILTER) // 2
            if source % 2 == 0 and 0 <= source // 2 < 3 * size - 2:
                spread[output, source // 2] += 2 * value
    return np.pad(spread @ mirror, [(1, 1), (0, 0)]).astype(np.float32)


@functools.cache
def downsampling(size):
    """Matrix [size, 2 (size + 6)] that filters and takes every second pixel."""
    matrix = np.zeros([size, 2 * (size + 2 * BESIDE)])
    for output in range(size):
        matrix[output, 2 * output + 1 : 2 * output + 1 + len(FILTER)] = FILTER
    return matrix.astype(np.float32)


def _times_rows(images, matrix):
    """[N, H, W, C] -> [N, rows of the matrix, W, C]."""
    _, height, width, channels = images.shape
    return tf.reshape(
        tf.matmul(tf.constant(matrix)[None], tf.reshape(images, [-1, height, width * channels])),
        [-1, matrix.shape[0], width, channels],
    )


def _times_columns(images, matrix, channels):
    """[N, H, W, C] -> [N, H, rows of the matrix, C]; one product, in which channels stay apart by zeros."""
    _, height, width, _ = images.shape
    apart = np.kron(matrix, np.eye(channels, dtype=np.float32))
    rows = tf.matmul(tf.reshape(images, [-1, width * channels]), tf.constant(apart), transpose_b=True)
    return tf.reshape(rows, [-1, height, matrix.shape[0], channels])
