"""Frechet Inception Distance (FID), https://arxiv.org/abs/1706.08500 (Heusel et al.)."""

import math

import numpy as np

from compare_gan2.ground.progress_callback import Counter
from compare_gan2.metrics.distances.frechet import frechet_distance, gaussian, num_blocks
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.networks import tfgan_eval
from compare_gan2.metrics.row_order import in_content_order

# Most values of real and fake features together for TF-GAN's function, which makes several float64 copies.
IN_MEMORY = 2**24


def fid(real_features, fake_features, *, progress=None):
    """Frechet distance of two Gaussians fitted to the features, as a float; lower is better, 0 for equal samples.

    Covariances are divided by n - 1, everything is computed in float64: up to `IN_MEMORY` values by TF-GAN's function,
    above that by `frechet.frechet_distance` of streamed moments, which agrees to 1e-4 in less time and memory. The
    value falls with the number of images even if the distributions stay the same, so compare only scores of equal
    numbers of real and of fake images.

    Args:
        real_features: [num_real, num_features], at least 2 rows.
        fake_features: [num_fake, num_features], at least 2 rows.
        progress: function (done, total) called after each part of a large set, or None.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or a distance that overflows.
    """
    real, fake = map(in_content_order, checked_features("fid", real_features, fake_features, min_rows=2))
    if real.size + fake.size > IN_MEMORY:
        count = Counter(progress, num_blocks(len(real)) + num_blocks(len(fake)) + 1)
        distance = frechet_distance(gaussian(real, count), gaussian(fake, count))
        count()
        return distance
    real, fake = real.astype(np.float64, copy=False), fake.astype(np.float64, copy=False)
    distance = float(tfgan_eval.load().frechet_classifier_distance_from_activations(real, fake))
    if not math.isfinite(distance):
        raise ValueError(f"fid: the distance is {distance}, features are too large: up to {abs(fake).max():.3g} fake")
    return max(distance, 0.0)  # equal samples give a rounding error of either sign
