"""Gaussians fitted to streamed features, and the Frechet distance between two of them.

The distance needs the trace of the root of S_real S_fake. It is the sum of the roots of the eigenvalues of R S_fake R',
where R' R = S_real. That matrix is symmetric, so its eigenvalues are real, and negative ones are rounding errors of
zero: the distance is never complex or NaN, which a general matrix root can be.
"""

import dataclasses

import numpy as np

from compare_gan2.metrics.input_checks import checked_features, checked_matrix

_BLOCK_ROWS = 4096  # rows in float64 at a time


@dataclasses.dataclass(frozen=True, eq=False)
class Gaussian:
    """What FID needs to know of a set of images.

    Attributes:
        mean: float64 [num_features].
        covariance: float64 [num_features, num_features], divided by count - 1.
        count: number of images.
    """

    mean: np.ndarray
    covariance: np.ndarray
    count: int


class Moments:
    """Fits a Gaussian to features in any number of parts; float64, takes the memory of two covariances."""

    def __init__(self):
        self.count = 0
        self._origin = None  # near the mean: differences of large sums would lose digits
        self._sum = self._products = None

    def add(self, features, advance=lambda: None):
        """Adds rows of features, [any, num_features]; calls `advance` after each of `num_blocks`.

        Raises:
            ValueError: for NaN or infinity, a wrong shape, or another width than before.
        """
        features = checked_matrix("moments: features", features)
        if self._origin is None:
            self._origin = features[:_BLOCK_ROWS].mean(axis=0, dtype=np.float64)
            self._sum = np.zeros(features.shape[1])
            self._products = np.zeros((features.shape[1], features.shape[1]))
        if features.shape[1] != len(self._sum):
            raise ValueError(f"moments: expected features of width {len(self._sum)}, got {features.shape[1]}")
        for start in range(0, len(features), _BLOCK_ROWS):
            block = features[start : start + _BLOCK_ROWS] - self._origin
            self._sum += block.sum(axis=0)
            self._products += block.T @ block
            advance()
        self.count += len(features)

    def gaussian(self):
        """The `Gaussian` of all rows so far.

        Raises:
            ValueError: for fewer than two rows, or values whose covariance overflows.
        """
        if self.count < 2:
            raise ValueError(f"moments: a covariance needs at least 2 rows, got {self.count}")
        offset = self._sum / self.count
        covariance = self._products - np.outer(self._sum, offset)
        covariance /= self.count - 1
        if not np.isfinite(covariance).all():
            raise ValueError("moments: the covariance is not finite, features are too large")
        return Gaussian(self._origin + offset, covariance, self.count)


def num_blocks(num_rows):
    """Number of blocks in which `Moments` adds this many rows."""
    return -(-num_rows // _BLOCK_ROWS)


def gaussian(features, advance=lambda: None):
    """The `Gaussian` of one array of features [num_images, num_features]; `advance` as in `Moments.add`.

    Raises:
        ValueError: as `Moments`.
    """
    moments = Moments()
    moments.add(features, advance)
    return moments.gaussian()


def covariance_factor(covariance):
    """R [num_features, num_features] with R' R = covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T


def frechet_distance(real, fake, factor=None):
    """Squared 2-Wasserstein distance of two `Gaussian`s, as a float of at least 0.

    Args:
        real, fake: what to compare; the distance is symmetric.
        factor: `covariance_factor` of `real`, computed once for many distances to it; None: computed here.

    Raises:
        ValueError: for different widths or an infinite distance.
    """
    if len(real.mean) != len(fake.mean):
        raise ValueError(f"frechet_distance: expected equal widths, got {len(real.mean)} and {len(fake.mean)}")
    factor = covariance_factor(real.covariance) if factor is None else factor
    product = factor @ fake.covariance @ factor.T
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh(product), 0.0))
    spread = np.trace(real.covariance) + np.trace(fake.covariance) - 2.0 * roots.sum()
    return _checked(np.sum(np.square(real.mean - fake.mean)) + spread)


def frechet_distance_of_features(real_features, fake_features):
    """`frechet_distance` of the Gaussians of two arrays of features, by the cheaper of two exact ways.

    With fewer images than features, the sum of roots above is that of the singular values of the matrix of inner
    products between centred real and centred fake rows, and no covariance is needed.

    Args:
        real_features: [num_real, num_features], at least 2 rows.
        fake_features: [num_fake, num_features], at least 2 rows.

    Raises:
        ValueError: for NaN or infinity, a wrong shape, or an infinite distance.
    """
    real, fake = checked_features("frechet_distance", real_features, fake_features, min_rows=2)
    if min(len(real), len(fake)) >= real.shape[1]:
        return frechet_distance(gaussian(real), gaussian(fake))
    means, centred = [], []
    for features in (real, fake):
        means.append(features.mean(axis=0, dtype=np.float64))
        centred.append((features - means[-1]) / np.sqrt(len(features) - 1))
    products = centred[0] @ centred[1].T
    if not np.isfinite(products).all():
        raise ValueError("frechet_distance: the distance is not finite, features are too large")
    roots = np.linalg.svd(products, compute_uv=False)
    spread = sum(np.sum(np.square(rows)) for rows in centred) - 2.0 * roots.sum()
    return _checked(np.sum(np.square(means[0] - means[1])) + spread)


def _checked(distance):
    if not np.isfinite(distance):
        raise ValueError(f"frechet_distance: the distance is {distance}, features are too large")
    return max(float(distance), 0.0)  # equal samples give a rounding error of either sign
