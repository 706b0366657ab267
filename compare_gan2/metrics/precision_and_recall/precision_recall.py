"""Improved precision and recall, https://arxiv.org/abs/1904.06991 (Kynkaanniemi et al., section 2)."""

import dataclasses

import numpy as np

from compare_gan2.config.ranges import Count
from compare_gan2.ground.progress_callback import Counter
from compare_gan2.metrics.input_checks import checked_features
from compare_gan2.metrics.precision_and_recall.balls import inside_each_other
from compare_gan2.metrics.precision_and_recall.nearest_neighbours import centred, num_blocks
from compare_gan2.metrics.row_order import in_content_order


@dataclasses.dataclass(frozen=True)
class PrecisionRecall:
    """Fractions between 0 and 1, higher is better: of fakes among the reals, and of reals among the fakes."""

    precision: float
    recall: float


def precision_recall(real_features, fake_features, *, neighbours: Count = 3, progress=None):
    """`PrecisionRecall`: "among" means inside the ball of any point, up to its `neighbours`-th nearest of its own kind.

    A point on the surface of a ball is inside, and a point is not its own neighbour, as in the authors' code. Points
    nearer to each other than 3e-7 of their distance from the median of the reals count as equal. Both
    values depend on the numbers of images. Takes the memory of the features and about 400 MB.

    Args:
        real_features: [num_real, num_features], more than `neighbours` rows.
        fake_features: [num_fake, num_features], more than `neighbours` rows.
        neighbours: which nearest neighbour a ball reaches to, 1 for the nearest; the paper uses 3.
        progress: function (done, total) called after each block.

    Raises:
        ValueError: for NaN or infinity in a feature, a wrong shape, or too few images.
    """
    real, fake = checked_features("precision_recall", real_features, fake_features, min_rows=2)
    check_neighbours(len(real), len(fake), neighbours)
    real, fake = centred(in_content_order(real), in_content_order(fake))
    # A power of two changes no digit, and no square overflows or vanishes.
    exponent = np.frexp(max(real.max(), -real.min(), fake.max(), -fake.min()))[1]
    real, fake = np.ldexp(real, -exponent, out=real), np.ldexp(fake, -exponent, out=fake)
    count = Counter(progress, num_blocks(real, real) + num_blocks(fake, fake) + num_blocks(fake, real))
    fake_inside, real_inside = inside_each_other(fake, real, neighbours, count)
    return PrecisionRecall(float(fake_inside.mean()), float(real_inside.mean()))


def check_neighbours(num_real, num_fake, neighbours):
    """Raises a `ValueError` if there is no such neighbour."""
    if not 1 <= neighbours < min(num_real, num_fake):
        raise ValueError(
            f"precision_recall.neighbours: expected 1 to {min(num_real, num_fake) - 1}, one less than the smaller"
            f" number of images, got {neighbours}"
        )
