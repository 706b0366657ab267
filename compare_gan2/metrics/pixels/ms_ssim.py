"""Multi-scale structural similarity between generated images, https://arxiv.org/abs/1610.09585 (Odena et al.).

The mean over pairs measures how little the images vary: near 1 all look alike. It does not measure quality, and it is
meant for images of one class (section 4.2). The similarity itself is in `multiscale_ssim`.
"""

from typing import Annotated

import numpy as np

from compare_gan2.config.ranges import Count, Range
from compare_gan2.ground.progress_callback import Counter
from compare_gan2.ground.random_streams import random_state
from compare_gan2.metrics.input_checks import unit_images
from compare_gan2.metrics.row_order import content_order

_PAIR_BYTES = 2**26  # of one side of the pairs that are compared at a time


BatchSize = Annotated[int, Range(2, 2**20)]


def ms_ssim(images, *, seed, num_batches: Count = 5, batch_size: BatchSize = 64, progress=None):
    """Mean, as a float, of `mean_pairwise_ms_ssim` over random batches; lower is more varied.

    Args:
        images: floats in [0, 1] or bytes, [N, H, W, C] with N of at least `batch_size`.
        seed: of the batches; number i is drawn without replacement from the state [seed, i].
        num_batches: number of batches, which may overlap.
        batch_size: images in a batch, at least 2.
        progress: function (done, total) called after each chunk of pairs.

    Raises:
        ValueError: for another type, shape or range, NaN, or too few images.
    """
    images = unit_images("ms_ssim", images)
    check_batch_size(len(images), batch_size)
    if num_batches < 1:
        raise ValueError(f"ms_ssim.num_batches: expected at least 1, got {num_batches}")
    order = content_order(images)
    chunks = [_chunks(batch_size, images[0].size)] * num_batches
    count = Counter(progress, sum(map(len, chunks)))
    values = []
    for batch in range(num_batches):
        rows = order[random_state(seed, batch).permutation(len(images))[:batch_size]]
        values.append(mean_pairwise_ms_ssim(images[rows], advance=count))
    return float(np.mean(values))


def check_batch_size(num_images, batch_size):
    """Raises a `ValueError` if batches of this size cannot be drawn."""
    if not 2 <= batch_size <= num_images:
        raise ValueError(f"ms_ssim.batch_size: expected 2 to {num_images}, the number of images, got {batch_size}")


def mean_pairwise_ms_ssim(images, max_value=1.0, advance=lambda: None):
    """Mean similarity, as a float, of all pairs of different images in a batch.

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
    from compare_gan2.metrics.pixels.multiscale_ssim import multiscale_ssim  # here: needs TensorFlow

    total = 0.0
    for first, second in _chunks(len(images), images[0].size):
        total += float(np.sum(multiscale_ssim(images[first], images[second], max_value), dtype=np.float64))
        advance()
    return total / (len(images) * (len(images) - 1) / 2)


def _chunks(num_images, image_size):
    """List of (first, second) index arrays: all pairs of different images, in chunks that bound the memory."""
    first, second = np.triu_indices(num_images, k=1)
    length = max(1, _PAIR_BYTES // (4 * image_size))
    return [(first[i : i + length], second[i : i + length]) for i in range(0, len(first), length)]
