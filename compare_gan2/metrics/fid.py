"""Frechet Inception Distance, https://arxiv.org/abs/1706.08500, as TF-GAN computes it."""

import math

from compare_gan2.metrics import tfgan_eval
from compare_gan2.metrics.finite import finite_matrix


def fid(real_features, fake_features):
    """Frechet distance of two Gaussians fitted to the features, as a float; lower is better, 0 for equal samples.

    Covariances are divided by n - 1, everything is computed in float64. The value falls with the number of images even
    when the distributions stay the same, so compare only scores of equal numbers of real and of fake images.

    Args:
        real_features: [num_real, num_features], at least 2 rows.
        fake_features: [num_fake, num_features], at least 2 rows.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or a distance that overflows.
    """
    real = finite_matrix("fid: real features", real_features, min_rows=2)
    fake = finite_matrix("fid: fake features", fake_features, min_rows=2)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(f"fid: expected equally wide features, got {real.shape[1]} real and {fake.shape[1]} fake")
    distance = float(tfgan_eval.load().frechet_classifier_distance_from_activations(real, fake))
    if not math.isfinite(distance):
        raise ValueError(f"fid: the distance is {distance}, features are too large: up to {abs(fake).max():.3g} fake")
    return distance
