"""ADA's changes of frequencies: four bands of each image, louder or softer (Karras et al. 2020, appendix B.2)."""

import functools

import numpy as np
import tensorflow as tf

from compare_gan2.augmentation.pixels import mirrored

# Low-pass filter of the orthogonal wavelet "sym2" (Daubechies 1992).
WAVELET = np.array([-0.12940952255092145, 0.22414386804185735, 0.836516303737469, 0.48296291314469025])
EXPECTED_POWER = np.array([10, 1, 1, 1], np.float32) / 13  # of the bands, in natural images
REACH = 21  # pixels to each side


@functools.cache
def filter_bank():
    """float32 [4, 43]: filters that cut an image into four bands of frequencies, lowest first; they add up to 1."""
    low = np.convolve(WAVELET, WAVELET[::-1]) / 2
    high = low * (-1.0) ** (np.arange(len(low)) - len(low) // 2)
    bank = np.zeros([4, 1])
    bank[0] = 1
    for band in (1, 2, 3):  # each time the lowest band is cut in two
        wide = np.zeros([4, 2 * bank.shape[1] - 1])
        wide[:, ::2] = bank
        bank = np.stack([np.convolve(row, low) for row in wide])
        start = (bank.shape[1] - len(high)) // 2
        bank[band, start : start + len(high)] += high
    return bank.astype(np.float32)


def filtered(images, gains):
    """Images [N, H, W, C] with each band multiplied by its gain; their expected power stays the same.

    Args:
        images: at least 22 pixels in height and width.
        gains: [N, 4], of each band alone.
    """
    total = tf.ones_like(gains)
    for band in range(4):  # each gain is normalised by itself, as in the published code
        single = tf.where(tf.range(4)[None] == band, gains, 1.0)
        total *= single / tf.sqrt(tf.reduce_sum(EXPECTED_POWER * tf.square(single), 1, keepdims=True))
    taps = tf.reduce_sum(total[:, :, None] * filter_bank(), 1)
    _, height, width, channels = images.shape
    rows, columns = _matrices(taps, height), _matrices(taps, width)
    images = tf.reshape(tf.matmul(rows, tf.reshape(images, [-1, height, width * channels])), [-1, *images.shape[1:]])
    turned = tf.reshape(tf.transpose(images, [0, 2, 1, 3]), [-1, width, height * channels])
    turned = tf.reshape(tf.matmul(columns, turned), [-1, width, height, channels])
    return tf.transpose(turned, [0, 2, 1, 3])


def _matrices(taps, size):
    """[N, size, size]: the filters [N, 43] as products with a row of pixels, mirrored at its edges."""
    return tf.reshape(tf.matmul(taps, tf.constant(_placing(size))), [-1, size, size])


@functools.cache
def _placing(size):
    places = np.zeros([2 * REACH + 1, size, size], np.float32)
    for tap in range(2 * REACH + 1):
        for output in range(size):
            places[tap, output, mirrored(output + tap - REACH, size)] += 1
    return places.reshape([2 * REACH + 1, -1])
