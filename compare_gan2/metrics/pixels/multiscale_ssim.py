"""Multi-scale structural similarity of pairs of images, in TensorFlow in float32.

Wang, Simoncelli and Bovik, Asilomar Conference on Signals, Systems and Computers, 2003.
"""

import numpy as np
import tensorflow as tf

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of the scales, finest first
_FILTER_SIZE = 11
_FILTER_DEVIATION = 1.5


def multiscale_ssim(first, second, max_value=1.0):
    """Similarity of pairs of images, float32 array [N]: between 0 and 1, and 1 for equal images.

    Five scales, each half as fine, with a Gaussian window of 11 x 11 pixels (smaller if it does not fit) and deviation
    1.5.

    Args:
        first: [N, H, W, C].
        second: [N, H, W, C].
        max_value: the largest value that a pixel can have.

    Raises:
        ValueError: for different shapes or another rank.
    """
    first, second = (tf.convert_to_tensor(images, tf.float32) for images in (first, second))
    if first.shape != second.shape or first.shape.rank != 4:
        raise ValueError(f"ms_ssim: expected two equal shapes [N, H, W, C], got {first.shape} and {second.shape}")
    result = 1.0
    for scale, weight in enumerate(WEIGHTS):
        if scale:
            first, second = _halved(first), _halved(second)
        similarity, contrast = _ssim(first, second, max_value)
        result *= tf.nn.relu(similarity if scale == len(WEIGHTS) - 1 else contrast) ** weight
    return tf.reduce_mean(result, axis=-1).numpy()  # over channels


def _ssim(first, second, max_value):
    """(similarity, its part without brightness), each [N, C]."""
    brightness_constant, contrast_constant = (0.01 * max_value) ** 2, (0.03 * max_value) ** 2
    side = min(_FILTER_SIZE, first.shape[1], first.shape[2])
    first_mean, second_mean = _blurred(first, side), _blurred(second, side)
    product = first_mean * second_mean
    squares = first_mean**2 + second_mean**2
    brightness = (2 * product + brightness_constant) / (squares + brightness_constant)
    covariance = 2 * (_blurred(first * second, side) - product)
    variances = _blurred(first**2 + second**2, side) - squares
    contrast = (covariance + contrast_constant) / (variances + contrast_constant)
    return tf.reduce_mean(brightness * contrast, axis=[1, 2]), tf.reduce_mean(contrast, axis=[1, 2])


def _blurred(images, side):
    """Images [N, H - side + 1, W - side + 1, C]: blurred without padding."""
    offsets = np.arange(side) - (side - 1) / 2
    window = np.exp(-(offsets**2) / (2 * _FILTER_DEVIATION**2))
    window = np.tile(window / window.sum(), (images.shape[-1], 1)).T.astype(np.float32)  # [side, channels]
    for shape in ((side, 1), (1, side)):  # the Gaussian is a product of one along rows and one along columns
        kernel = window.reshape(*shape, -1, 1)
        images = tf.nn.depthwise_conv2d(images, kernel, strides=[1, 1, 1, 1], padding="VALID")
    return images


def _halved(images):
    odd = [[0, 0], [0, images.shape[1] % 2], [0, images.shape[2] % 2], [0, 0]]
    return tf.nn.avg_pool2d(tf.pad(images, odd, "SYMMETRIC"), ksize=2, strides=2, padding="VALID")
