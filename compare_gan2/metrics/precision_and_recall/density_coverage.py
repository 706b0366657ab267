"""Density and coverage, https://arxiv.org/abs/2002.09797 (Naeem et al., section 3)."""

import dataclasses

import numpy as np

from compare_gan2.config.ranges import Count
from compare_gan2.ground.progress_callback import Counter
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.precision_and_recall.nearest_neighbours import (
    centred,
    distance_blocks,
    num_blocks,
    squared_radii,
)
from compare_gan2.metrics.row_order import in_content_order


@dataclasses.dataclass(frozen=True)
class DensityCoverage:
    """Higher is better for both.

    Attributes:
        density: number of real balls around a fake, averaged over fakes and divided by `neighbours`; can exceed 1.
        coverage: fraction, between 0 and 1, of real balls that hold a fake.
    """

    density: float
    coverage: float


def density_coverage(real_features, fake_features, *, neighbours: Count = 5, progress=None):
    """`DensityCoverage` for balls around real points up to the `neighbours`-th nearest other real point.

    A point on the surface of a ball is outside, as in the authors' code (improved precision counts it as inside).
    Float64, in blocks: takes the memory of the features and about 400 MB.

    Args:
        real_features: [num_real, num_features], more than `neighbours` rows.
        fake_features: [num_fake, num_features].
        neighbours: which nearest neighbour a ball reaches to, 1 for the nearest; the paper uses 5.
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or too few real images.
    """
    real, fake = checked_features("density_coverage", real_features, fake_features)
    check_neighbours(len(real), neighbours)
    real, fake = centred(in_content_order(real), in_content_order(fake))
    count = Counter(progress, num_blocks(real, real) + num_blocks(fake, real))
    radii = squared_radii(real, neighbours, count)
    total, covered = 0, np.zeros(len(real), bool)
    for _, distances in distance_blocks(fake, real):
        inside = distances < radii
        total += int(inside.sum())
        covered |= inside.any(axis=0)
        count()
    return DensityCoverage(total / (neighbours * len(fake)), float(covered.mean()))


def check_neighbours(num_real, neighbours):
    """Raises a `ValueError` if there is no such neighbour."""
    if not 1 <= neighbours < num_real:
        raise ValueError(
            f"density_coverage.neighbours: expected 1 to {num_real - 1}, one less than the number of real images,"
            f" got {neighbours}"
        )
