"""Multi-scale structural similarity between generated images, https://arxiv.org/abs/1610.09585 (Odena et al.).

The mean over pairs tells how little the images vary: near 1 all look alike. It says nothing about quality, and is
meant for images of one class. The similarity is that of Wang et al. 2003, computed in TensorFlow in float32.
"""

import numpy as np
import tensorflow as tf

from compare_gan2.metrics.finite import unit_images
from compare_gan2.metrics.tracked import Counter

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of the scales, finest first
_FILTER_SIZE = 11
_FILTER_DEVIATION = 1.5
_PAIR_BYTES = 2**26  # of the images of one side of the pairs that are compared at a time


def ms_ssim(images, *, seed, num_batches=5, batch_size=64, progress=None):
    """Mean, as a float, of `mean_pairwise_ms_ssim` over random batches; lower is more varied.

    Args:
        images: floats in [0, 1] or bytes, [N, H, W, C] with N of at least `batch_size`.
        seed: of the batches, each drawn without replacement by state [seed, batch].
        num_batches: batches, which may overlap.
        batch_size: images of a batch, at least 2.
        progress: function (done, total) called now and then.

    Raises:
        ValueError: for another type, shape or range, NaN, or too few images.
    """
    images = unit_images("ms_ssim", images)
    if not 2 <= batch_size <= len(images) or num_batches < 1:
        raise ValueError(
            f"ms_ssim: expected batch_size in 2..{len(images)}, the number of images, and num_batches of at least 1,"
            f" got {batch_size} and {num_batches}"
        )
    chunks = [_chunks(batch_size, images[0].size)] * num_batches
    count = Counter(progress, sum(map(len, chunks)))
    values = []
    for batch in range(num_batches):
        rows = np.random.RandomState([seed, batch]).permutation(len(images))[:batch_size]
        values.append(mean_pairwise_ms_ssim(images[rows], advance=count))
    return float(np.mean(values))


def mean_pairwise_ms_ssim(images, max_value=1.0, advance=lambda: None):
    """Mean similarity, as a float, of two different images of a batch, over all pairs.

    Args:
        images: [B, H, W, C] with B of at least 2.
        max_value: the largest value that a pixel can have.
        advance: called after each chunk of pairs.

    Raises:
        ValueError: for another shape.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or len(images) < 2 or images.size == 0:
        raise ValueError(f"ms_ssim: expected at least 2 images [B, H, W, C], got shape {images.shape}")
    total = 0.0
    for first, second in _chunks(len(images), images[0].size):
        total += float(np.sum(multiscale_ssim(images[first], images[second], max_value), dtype=np.float64))
        advance()
    return total / (len(images) * (len(images) - 1) / 2)


def multiscale_ssim(first, second, max_value=1.0):
    """Similarity of pairs of images, float32 array [N]: between 0 and 1, which equal images have.

    Five scales, each half as fine, with a Gaussian window of 11 x 11 pixels and deviation 1.5, or as large as fits.

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
    """Without padding: `side` - 1 pixels less of each side."""
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


def _chunks(num_images, image_size):
    """List of pairs of index arrays: all pairs of different images, a number at a time that bounds memory."""
    first, second = np.triu_indices(num_images, k=1)
    length = max(1, _PAIR_BYTES // (4 * image_size))
    return [(first[i : i + length], second[i : i + length]) for i in range(0, len(first), length)]
