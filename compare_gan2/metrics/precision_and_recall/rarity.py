"""Rarity score of generated images, https://arxiv.org/abs/2206.08549 (Han et al. 2022)."""

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


@dataclasses.dataclass(frozen=True, eq=False)
class Rarity:
    """How rare generated images are among the real ones.

    Attributes:
        mean: over generated images that have a score, a distance of features; None if none has one.
        share: of generated images that have a score: those inside the ball of a real image, which is `precision`.
        scores: float64 [num_fake], sorted, infinite for an image without a score.
    """

    mean: float | None
    share: float
    scores: np.ndarray


def rarity(real_features, fake_features, *, neighbours: Count = 3, progress=None):
    """`Rarity`: the score of an image is the radius of the smallest ball of a real image that it is in.

    A ball reaches to the `neighbours`-th nearest other real image; where real images are sparse balls are large, so
    a large score means rare. Scores are distances of features: those of other networks, or of other real images, cannot
    be compared. Float64, in blocks: takes the memory of the features and about 400 MB.

    Args:
        real_features: [num_real, num_features], more than `neighbours` rows.
        fake_features: [num_fake, num_features].
        neighbours: which nearest neighbour a ball reaches to, 1 for the nearest; 3 as for `precision_recall`.
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or too few images.
    """
    real, fake = checked_features("rarity", real_features, fake_features)
    check_neighbours(len(real), neighbours)
    real, fake = centred(in_content_order(real), in_content_order(fake))
    count = Counter(progress, num_blocks(real, real) + num_blocks(fake, real))
    radii = squared_radii(real, neighbours, count)
    scores = np.empty(len(fake))
    for block, distances in distance_blocks(fake, real):
        scores[block] = np.sqrt(np.where(distances <= radii, radii, np.inf).min(axis=1))
        count()
    scores.sort()
    found = scores[np.isfinite(scores)]
    return Rarity(float(found.mean()) if len(found) else None, len(found) / len(fake), scores)


def check_neighbours(num_real, neighbours):
    """Raises a `ValueError` if there is no such neighbour."""
    if not 1 <= neighbours < num_real:
        raise ValueError(
            f"rarity.neighbours: expected 1 to {num_real - 1}, one less than the number of real images, got"
            f" {neighbours}"
        )
