"""Long noisy lines made short enough to draw."""

import math

import numpy as np


def smoothed(values):
    """Centred moving average over a fiftieth of the run, the window cut at both ends.

    Args:
        values: float array [n].
    """
    half = len(values) // 100
    sums = np.concatenate([[0.0], np.cumsum(values)])
    first = np.maximum(np.arange(len(values)) - half, 0)
    last = np.minimum(np.arange(len(values)) + half + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def thinned(x, y, most_points):
    """(x, y) with at most about `most_points` points, which keep the highest and lowest of every stretch.

    Args:
        x: array [n], ascending.
        y: array [n].
        most_points: number of points.
    """
    stretch = math.ceil(2 * len(y) / most_points)
    if stretch <= 2:
        return x, y
    starts = np.arange(0, len(y), stretch)
    ends = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return np.repeat(x[starts], 2), ends.reshape(-1)
