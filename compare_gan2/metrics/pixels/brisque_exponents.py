"""Exponents of the generalised Gaussians of BRISQUE, from ratios of moments."""

import functools

import numpy as np
import scipy.special

# The equation is solved between these; beyond them it has the nearer one as its solution.
_LOWEST, _HIGHEST = 0.02, 100.0
_GRID = np.linspace(0.2, 10.0, 9801)
_STEPS = 4


def nearest_of_grid(ratio):
    """The exponent among 0.2, 0.201 ... 10 whose variance / squared mean magnitude is nearest to each ratio [N]."""
    return _looked_up(-_of_grid(), -ratio)


def nearest_of_grid_inverse(ratio):
    """As `nearest_of_grid` for the same ratios, nearest in squared mean magnitude / variance."""
    return _looked_up(1 / _of_grid(), 1 / ratio)


def solved(ratio):
    """The exponent whose variance / squared mean magnitude is each ratio [N], between 0.02 and 100."""
    starts, of_starts = _starts()
    with np.errstate(divide="ignore", invalid="ignore"):
        target = np.clip(-np.log(ratio), of_starts[0], of_starts[-1])  # NaN stays NaN
    exponents = np.exp(np.interp(target, of_starts, np.log(starts)))
    digamma = scipy.special.digamma
    for _ in range(_STEPS):  # Newton's, in the logarithm of the exponent
        slope = -(4 * digamma(2 / exponents) - digamma(1 / exponents) - 3 * digamma(3 / exponents)) / exponents
        exponents = exponents * np.exp((target - _log_ratio(exponents)) / slope)
    return np.clip(exponents, _LOWEST, _HIGHEST)


def _log_ratio(exponents):
    """Logarithm of squared mean magnitude / variance of a generalised Gaussian; rises with the exponent to 3/4."""
    log_gamma = scipy.special.gammaln
    return 2 * log_gamma(2 / exponents) - log_gamma(1 / exponents) - log_gamma(3 / exponents)


@functools.cache
def _starts():
    starts = np.geomspace(_LOWEST, _HIGHEST, 2000)
    return starts, _log_ratio(starts)


@functools.cache
def _of_grid():
    """[9801] variance / squared mean magnitude for the exponents of `_GRID`, which falls as they grow."""
    return np.exp(-_log_ratio(_GRID))


def _looked_up(table, ratio):
    above = np.clip(np.searchsorted(table, ratio), 1, len(table) - 1)
    nearest = np.where(ratio - table[above - 1] <= table[above] - ratio, above - 1, above)
    return np.where(np.isnan(ratio), np.nan, _GRID[nearest])
