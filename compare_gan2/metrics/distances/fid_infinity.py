"""FID extrapolated to infinitely many generated images, https://arxiv.org/abs/1911.07023 (Chong and Forsyth)."""

import dataclasses
from typing import Annotated

import numpy as np

from compare_gan2.config.ranges import MANY, Range
from compare_gan2.ground.progress_callback import tracked
from compare_gan2.ground.random_streams import random_state
from compare_gan2.metrics.distances.frechet import Moments, covariance_factor, frechet_distance, gaussian
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.row_order import in_content_order

_BLOCK_ROWS = 4096


Sizes, Fewest = Annotated[int, Range(2, 10_000)], Annotated[int, Range(2, MANY)]


@dataclasses.dataclass(frozen=True)
class FidInfinity:
    """An extrapolated FID.

    Attributes:
        value: of the line through the FIDs over 1 / size, at 1 / size = 0; can be negative for close sets.
        slope: of that line, in FID times images.
        sizes: numbers of generated images, ascending.
        distances: FID of each.
    """

    value: float
    slope: float
    sizes: tuple[int, ...]
    distances: tuple[float, ...]


def fid_infinity(
    real_features, fake_features, *, seed, num_sizes: Sizes = 15, fewest: Fewest | None = None, progress=None
):
    """`FidInfinity`: the FID freed of its bias of about constant / number of generated images; lower is better.

    As in the paper, sizes are equally spaced and each has a random subset of its own, drawn without replacement. All
    real images are used for every size, so the bias from their number stays.

    Args:
        real_features: [num_real, num_features], at least 2 rows.
        fake_features: [num_fake, num_features].
        seed: of the subsets.
        num_sizes: number of sizes; the last one is all generated images.
        fewest: smallest size; None: a tenth of all, as the 5,000 of 50,000 in the paper.
        progress: function (done, total) called after each size.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, fewer than two different sizes, a size below 2.
    """
    real, fake = map(in_content_order, checked_features("fid_infinity", real_features, fake_features, min_rows=2))
    sizes = sizes_of(len(fake), num_sizes, fewest)
    target = gaussian(real)
    factor = covariance_factor(target.covariance)
    distances = []
    for index, size in enumerate(tracked(sizes, progress)):
        rows = random_state(seed, index).permutation(len(fake))[:size]
        moments = Moments()
        for start in range(0, size, _BLOCK_ROWS):
            moments.add(fake[rows[start : start + _BLOCK_ROWS]])
        distances.append(frechet_distance(target, moments.gaussian(), factor))
    slope, value = np.polyfit(1.0 / np.asarray(sizes), distances, 1)
    return FidInfinity(float(value), float(slope), tuple(int(size) for size in sizes), tuple(distances))


def sizes_of(num_fake, num_sizes, fewest):
    """[num_sizes] ascending numbers of generated images that `fid_infinity` takes.

    Raises:
        ValueError: for fewer than two different sizes, or a size below 2.
    """
    fewest = num_fake // 10 if fewest is None else fewest
    sizes = np.linspace(fewest, num_fake, num_sizes).astype(int) if num_sizes > 1 else [num_fake]
    if len(set(sizes)) < max(num_sizes, 2) or fewest < 2:
        raise ValueError(
            "fid_infinity.num_sizes, fid_infinity.fewest: expected at least 2 different sizes from 2 on, got"
            f" {num_sizes} from {fewest} to {num_fake}, the number of generated images"
        )
    return sizes
