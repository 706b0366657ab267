"""FID extrapolated to infinitely many generated images, https://arxiv.org/abs/1911.07023 (Chong and Forsyth)."""

import dataclasses

import numpy as np

from compare_gan2.metrics.finite import checked_features
from compare_gan2.metrics.frechet import Moments, covariance_factor, frechet_distance, gaussian
from compare_gan2.metrics.tracked import tracked

_BLOCK_ROWS = 4096


@dataclasses.dataclass(frozen=True)
class FidInfinity:
    """An extrapolated FID.

    Attributes:
        value: where the line through the FIDs over 1 / size meets 1 / size = 0; can be below 0 for close sets.
        slope: of that line, in FID times images.
        sizes: numbers of generated images, ascending.
        distances: FID of each.
    """

    value: float
    slope: float
    sizes: tuple[int, ...]
    distances: tuple[float, ...]


def fid_infinity(real_features, fake_features, *, seed, num_sizes=15, fewest=None, progress=None):
    """`FidInfinity`: the FID freed of its bias of about constant / number of generated images; lower is better.

    As in the paper, sizes are equally spaced, each has a random subset of its own, drawn without replacement, and the
    real images are always all there are: the bias from their number stays.

    Args:
        real_features: [num_real, num_features], at least 2 rows.
        fake_features: [num_fake, num_features].
        seed: of the subsets.
        num_sizes: how many sizes, the last being all.
        fewest: smallest size; None is a tenth of all, as 5,000 of 50,000 in the paper.
        progress: function (done, total) called after each size.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, fewer than two different sizes, a size below 2.
    """
    real, fake = checked_features("fid_infinity", real_features, fake_features, min_rows=2)
    fewest = len(fake) // 10 if fewest is None else fewest
    sizes = np.linspace(fewest, len(fake), num_sizes).astype(int) if num_sizes > 1 else [len(fake)]
    if len(set(sizes)) < max(num_sizes, 2) or fewest < 2:
        raise ValueError(
            f"fid_infinity: expected at least 2 different sizes from 2 on, got {num_sizes} from {fewest} to {len(fake)}"
        )
    target = gaussian(real)
    factor = covariance_factor(target.covariance)
    distances = []
    for index, size in enumerate(tracked(sizes, progress)):
        rows = np.random.RandomState([seed, index]).permutation(len(fake))[:size]
        moments = Moments()
        for start in range(0, size, _BLOCK_ROWS):
            moments.add(fake[rows[start : start + _BLOCK_ROWS]])
        distances.append(frechet_distance(target, moments.gaussian(), factor))
    slope, value = np.polyfit(1.0 / np.asarray(sizes), distances, 1)
    return FidInfinity(float(value), float(slope), tuple(int(size) for size in sizes), tuple(distances))
