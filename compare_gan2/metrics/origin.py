"""A point among features: distances and inner products lose fewer digits when it is taken from the features first."""

import numpy as np

_SAMPLE = 255  # rows


def origin(features):
    """[num_features] in the type of the features: the median of each feature over a few rows, evenly spaced.

    A median, since a mean is moved by an outlier, and of an odd number of rows, since whole numbers less a whole number
    stay whole and equal distances equal.

    Args:
        features: [num_rows, num_features].
    """
    rows = features[:: -(-len(features) // _SAMPLE)]
    return np.median(rows[: len(rows) - (len(rows) + 1) % 2], axis=0).astype(features.dtype)
