"""Distances between sets of features in blocks, for metrics that count points in each other's neighbourhoods."""

import numpy as np

from compare_gan2.metrics.origin import origin

_BLOCK_BYTES = 2**26  # of distances at a time
_ROUNDING = 1e-13  # of the squared norms of two points; the distance of equal ones is about a tenth of this


def centred(real, fake):
    """Both arrays in float64 minus the `origin` of the real rows, so that distances lose few digits."""
    middle = origin(real).astype(np.float64)
    return real - middle, fake - middle


def distance_blocks(queries, points):
    """Yields (slice of queries, squared Euclidean distances [rows, num_points]); a caller may overwrite them.

    Args:
        queries: float64 [num_queries, num_features]; or float32 and `points` too, then distances lose digits.
        points: float64 [num_points, num_features].
    """
    query_norms, point_norms = _squared_norms(queries), _squared_norms(points)
    rows = _rows_per_block(points)
    for start in range(0, len(queries), rows):
        block = slice(start, start + rows)
        yield block, _distances(queries[block], points, query_norms[block], point_norms)


def num_blocks(queries, points):
    """Number of blocks that `distance_blocks` yields."""
    return -(-len(queries) // _rows_per_block(points))


def squared_radii(points, neighbours, advance):
    """[num_points] squared distances from each point to the `neighbours`-th nearest other one.

    Each distance is computed once: a block is compared with itself and the points after it, which learn of its points.

    Args:
        points: float64 or float32 [num_points, num_features], more than `neighbours`.
        neighbours: which neighbour, 1 for the nearest.
        advance: called after each of `num_blocks`.
    """
    norms, rows = _squared_norms(points), _rows_per_block(points)
    nearest = np.full((len(points), neighbours), np.inf)  # the smallest distances so far, in any order
    for start in range(0, len(points), rows):
        block = slice(start, start + rows)
        distances = _distances(points[block], points[start:], norms[block], norms[start:])
        np.fill_diagonal(distances, np.inf)  # a point is not its own neighbour
        later = slice(start + len(distances), None)
        _keep_smallest(nearest[later], distances[:, len(distances) :].T)
        _keep_smallest(nearest[block], distances)
        advance()
    return nearest.max(axis=1)


def _distances(queries, points, query_norms, point_norms):
    norms = np.add.outer(query_norms, point_norms)
    distances = queries @ points.T
    distances *= -2.0
    distances += norms
    norms *= _ROUNDING
    distances[distances < norms] = 0.0
    return distances


def _keep_smallest(kept, distances):
    """Puts the smallest numbers of each row of both arrays into the first, [rows, count]; the second stays as it is."""
    count = kept.shape[1]
    if distances.shape[1] > count:
        distances = np.partition(distances, count - 1, axis=1)[:, :count]
    both = np.concatenate([kept, distances], axis=1)
    kept[:] = np.partition(both, count - 1, axis=1)[:, :count]


def _rows_per_block(points):
    return max(1, _BLOCK_BYTES // (8 * len(points)))


def _squared_norms(rows):
    return np.einsum("ij,ij->i", rows, rows)
