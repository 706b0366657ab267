"""Fractal (correlation) dimension of a set of images: how the number of neighbours grows with the radius.

Grassberger and Procaccia, Physica D 9 (1983).
"""

from typing import Annotated

import numpy as np
import scipy.spatial.distance

from compare_gan2.config.ranges import Count, Range
from compare_gan2.metrics.input_checks import checked_matrix
from compare_gan2.metrics.row_order import in_content_order

_BLOCK_ROWS = 1024


Radii = Annotated[int, Range(3, 1_000_000)]


def fractal_dimension(points, *, seed, num_seeds: Count = 100, num_radii: Radii = 1000, window=0.1):
    """`fractal_dimension_around` random points of the set, as a float.

    Args:
        points: [num_points, ...], such as images [N, H, W, C], at least `num_seeds` of them, in any unit.
        seed: of the choice of points, with replacement.
        num_seeds: number of points that are chosen.
        num_radii: number of radii.
        window: half the height of the fitted part, see `fractal_dimension_around`.

    Raises:
        ValueError: for NaN or infinity, a wrong shape, too few points, or points without two different distances.
    """
    points = np.asarray(points)
    points = checked_matrix("fractal_dimension: points", points.reshape(len(points), -1) if points.ndim > 2 else points)
    check_num_seeds(len(points), num_seeds)
    points = in_content_order(points)
    rows = np.random.RandomState(seed).randint(len(points), size=num_seeds)
    return fractal_dimension_around(points, rows, num_radii=num_radii, window=window)


def check_num_seeds(num_points, num_seeds):
    """Raises a `ValueError` if there are fewer points than are chosen."""
    if not 1 <= num_seeds <= num_points:
        raise ValueError(
            f"fractal_dimension.num_seeds: expected 1 to {num_points}, the number of images, got {num_seeds}"
        )


def fractal_dimension_around(points, rows, *, num_radii=1000, window=0.1):
    """Slope, as a float, of log(number of neighbours within r of the chosen points) over log r.

    Radii are equally spaced in log r between the smallest non-zero and the largest Euclidean distance from a chosen
    point. The line is fitted by least squares to the middle of the range of log(number), which goes from all points
    alone to all points neighbours: to `window` of the range on either side of its middle.

    Args:
        points: [num_points, num_values].
        rows: indices [num_chosen] of the chosen points.
        num_radii: number of radii.
        window: half the height of the fitted part, as a fraction of the whole.

    Raises:
        ValueError: for NaN or infinity, a wrong shape, rows that do not exist, or points that no line can be fitted to.
    """
    points = checked_matrix("fractal_dimension: points", points)
    rows = np.asarray(rows)
    if rows.ndim != 1 or len(rows) == 0 or rows.min() < 0 or rows.max() >= len(points):
        raise ValueError(f"fractal_dimension: expected indices of {len(points)} points, got {rows}")
    distances = _sorted_distances(points, points[rows])
    positive = distances[np.searchsorted(distances, 0.0, side="right") :]
    if len(positive) == 0 or positive[0] == positive[-1]:
        raise ValueError(
            "fractal_dimension: the images are equal or equally far apart, which has no dimension for any"
            " fractal_dimension.num_seeds"
        )
    radii = positive[0] * (positive[-1] / positive[0]) ** np.linspace(0.0, 1.0, num_radii)
    radii = radii[1:]
    numbers = np.log(np.searchsorted(distances, radii, side="left"))  # of points nearer than the radius
    lowest, highest = np.log(len(rows)), np.log(len(rows) * len(points))
    middle, half = (lowest + highest) / 2.0, window * (highest - lowest)
    first, last = np.argmax(numbers > middle - half), np.argmax(numbers > middle + half)
    if last - first < 2:
        raise ValueError(
            f"fractal_dimension.num_radii: only {last - first} of {num_radii} radii are in the fitted part; bind more"
            " radii, or score more images"
        )
    slope, _ = np.polyfit(np.log(radii[first:last]), numbers[first:last], 1)
    return float(slope)


def _sorted_distances(points, chosen):
    chosen = chosen.astype(np.float64)
    blocks = [
        scipy.spatial.distance.cdist(points[start : start + _BLOCK_ROWS].astype(np.float64), chosen).reshape(-1)
        for start in range(0, len(points), _BLOCK_ROWS)
    ]
    return np.sort(np.concatenate(blocks))
