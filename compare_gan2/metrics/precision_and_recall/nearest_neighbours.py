"""Distances between sets of features in blocks, for metrics that count points in each other's neighbourhoods."""

import numpy as np

_BLOCK_BYTES = 2**27  # of distances at a time
_ROUNDING = 1e-13  # of the largest squared norm; the distance of equal points is about a tenth of this


def centred(real, fake):
    """Both arrays in float64 minus the mean of the real rows, so that distances lose few digits."""
    mean = real.mean(axis=0, dtype=np.float64)
    return real - mean, fake - mean


def distance_blocks(queries, points):
    """Yields (slice of queries, squared Euclidean distances float64 [rows, num_points]); a caller may overwrite them.

    Args:
        queries: float64 [num_queries, num_features].
        points: float64 [num_points, num_features].
    """
    query_norms, point_norms = _squared_norms(queries), _squared_norms(points)
    floor = _ROUNDING * (query_norms.max() + point_norms.max())
    rows = _rows_per_block(points)
    for start in range(0, len(queries), rows):
        block = slice(start, start + rows)
        distances = queries[block] @ points.T
        distances *= -2.0
        distances += query_norms[block, None]
        distances += point_norms
        distances[distances < floor] = 0.0
        yield block, distances


def num_blocks(queries, points):
    """Number of blocks that `distance_blocks` yields."""
    return -(-len(queries) // _rows_per_block(points))


def squared_radii(points, neighbours, advance):
    """[num_points] squared distances from each point to the `neighbours`-th nearest other one.

    Args:
        points: float64 [num_points, num_features], more than `neighbours`.
        neighbours: which neighbour, 1 for the nearest.
        advance: called after each block.
    """
    radii = np.empty(len(points))
    for block, distances in distance_blocks(points, points):
        rows = np.arange(len(distances))
        distances[rows, rows + block.start] = np.inf  # a point is not its own neighbour
        distances.partition(neighbours - 1, axis=1)
        radii[block] = distances[:, neighbours - 1]
        advance()
    return radii


def _rows_per_block(points):
    return max(1, _BLOCK_BYTES // (8 * len(points)))


def _squared_norms(rows):
    return np.einsum("ij,ij->i", rows, rows)
