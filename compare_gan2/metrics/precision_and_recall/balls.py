"""Which points of two sets lie in balls around points of the other set, as if all were computed in float64.

Most pairs are far from the surface of a ball, so float32 decides them, in half the time; the others are computed again.
"""

import numpy as np

from compare_gan2.metrics.precision_and_recall.nearest_neighbours import distance_blocks, squared_radii


def inside_each_other(first, second, neighbours, advance):
    """(bool [num_first], bool [num_second]): whether each point is in any ball of the other set.

    A ball reaches from a point up to and including its `neighbours`-th nearest other one of the same set.

    Squares of the values may not overflow in float32.

    Args:
        first: float64 [num_first, num_features], more than `neighbours` rows.
        second: float64 [num_second, num_features], more than `neighbours` rows.
        neighbours: which neighbour, 1 for the nearest.
        advance: called after each of the `num_blocks` of first and first, second and second, first and second.
    """
    first, second = (_Balls(points, neighbours, advance) for points in (first, second))
    inside_first, inside_second = (np.zeros(len(balls.points), bool) for balls in (first, second))
    unsure_first, unsure_second = (np.zeros(len(balls.points), bool) for balls in (first, second))
    for block, distances in distance_blocks(first.rough_points, second.rough_points):
        rows, columns = first.errors[block, None], second.errors
        distances -= rows
        distances -= columns  # now the least that they can be
        unsure_first[block] = (distances <= second.largest_radii).any(axis=1)
        unsure_second |= (distances <= first.largest_radii[block, None]).any(axis=0)
        distances += 2.0 * rows
        distances += 2.0 * columns  # now the most
        inside_first[block] = (distances <= second.smallest_radii).any(axis=1)
        inside_second |= (distances <= first.smallest_radii[block, None]).any(axis=0)
        advance()
    for balls, other, inside, unsure in (
        (first, second, inside_first, unsure_first),
        (second, first, inside_second, unsure_second),
    ):
        unsure &= ~inside
        inside[unsure] = other.hold(balls.points[unsure])
    return inside_first, inside_second


class _Balls:
    """Balls of one set. Distances and radii are squared ones.

    Attributes:
        points: float64 [num_points, num_features], the centres.
        rough_points: float32 [num_points, num_features].
        errors: float32 [num_points], most by which rounding changes a rough distance, the sum of those of two points.
        smallest_radii, largest_radii: float32 [num_points], bounds of the radius.
    """

    def __init__(self, points, neighbours, advance):
        self.points, self.rough_points = points, points.astype(np.float32)
        self._neighbours = neighbours
        radii = squared_radii(self.rough_points, neighbours, advance)
        norms = np.einsum("ij,ij->i", points, points)
        # Rounding errors of independent signs grow with the root of the number of terms (Higham and Mary 2019, "A new
        # approach to probabilistic rounding error analysis"); 16 times that leaves room.
        rounding = 16.0 * np.sqrt(points.shape[1]) * 2.0**-24
        self.errors = (rounding * norms).astype(np.float32)
        # The squared norm of a neighbour is at most twice the sum of that of the point and the squared distance.
        margins = rounding * (4.0 * norms + 3.0 * np.abs(radii))
        self.smallest_radii, self.largest_radii = (
            (radii - margins).astype(np.float32),
            (radii + margins).astype(np.float32),
        )
        self._radii = np.full(len(points), np.nan)  # in float64, where they were needed so far

    def hold(self, points):
        """bool [num_points]: whether each of these float64 points is in any ball."""
        inside = np.zeros(len(points), bool)
        for block, distances in distance_blocks(points, self.points):
            found = (distances <= self.smallest_radii).any(axis=1)
            rows, columns = np.nonzero((distances <= self.largest_radii) & ~found[:, None])
            found[rows[distances[rows, columns] <= self._radii_of(columns)]] = True
            inside[block] = found
        return inside

    def _radii_of(self, indices):
        """float64 [num_indices]."""
        new = np.unique(indices[np.isnan(self._radii[indices])])
        for block, distances in distance_blocks(self.points[new], self.points):
            distances[np.arange(len(distances)), new[block]] = np.inf  # a point is not its own neighbour
            self._radii[new[block]] = np.partition(distances, self._neighbours - 1)[:, self._neighbours - 1]
        return self._radii[indices]
