"""The 36 features of BRISQUE (Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012): how natural pixels are.

Brightness is normalised by its local mean and deviation. In natural images the result follows a generalised Gaussian,
and products of neighbours follow an asymmetric one (AGGD); the features are their parameters at two scales. Where ports
differ this follows the authors' MATLAB release: neighbours wrap around the borders, filters see zeros beyond them, the
half-size image is MATLAB's antialiased bicubic, and exponents are looked up in a grid.
"""

import numpy as np
import scipy.ndimage
import scipy.special

from compare_gan2.ground.progress_callback import tracked
from compare_gan2.metrics.input_checks import unit_images

NUM_FEATURES = 36
_BLOCK_IMAGES = 32
_SHIFTS = ((0, 1), (1, 0), (1, 1), (-1, 1))  # rows and columns: right, below and the two diagonals
# Weights of red, green and blue as MATLAB documents them for rgb2gray. The rounded 0.299, 0.587 and 0.114 of ports give
# some pixels another level, which moves exponents by 0.01.
_LUMA = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])
_EXPONENTS = np.linspace(0.2, 10.0, 9801)
# For each exponent, variance / squared mean magnitude of a generalised Gaussian; falls as the exponent grows.
_RATIOS = np.exp(
    scipy.special.gammaln(1 / _EXPONENTS)
    + scipy.special.gammaln(3 / _EXPONENTS)
    - 2 * scipy.special.gammaln(2 / _EXPONENTS)
)
_WINDOW = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
_WINDOW /= _WINDOW.sum()


def brisque_features(images, progress=None):
    """Float64 [N, 36]; for each scale 2 numbers of the pixels and 4 of each of the four neighbours' products.

    Args:
        images: floats in [0, 1], which are rounded to 256 levels, or bytes; [N, H, W, 1 or 3].
        progress: function (done, total) called after each block of images.

    Raises:
        ValueError: for another type, shape or range, NaN, or an image that is too plain for the features, such as one
            of a single colour.
    """
    images = unit_images("brisque", images)
    if images.shape[-1] not in (1, 3):
        raise ValueError(f"brisque: expected images with 1 or 3 channels, got shape {images.shape}")
    features = np.empty((len(images), NUM_FEATURES))
    for start in tracked(range(0, len(images), _BLOCK_IMAGES), progress):
        block = slice(start, start + _BLOCK_IMAGES)
        grey = _brightness(images[block])
        with np.errstate(divide="ignore", invalid="ignore"):  # of plain images, refused below
            features[block] = np.concatenate([_of_scale(grey), _of_scale(_halved(grey))], axis=1)
    bad = np.flatnonzero(~np.isfinite(features).all(axis=1))
    if bad.size:
        raise ValueError(
            f"brisque: {bad.size} of {len(images)} images are too plain or small for its features (a single colour?),"
            f" the first is image {bad[0]}"
        )
    return features


def _brightness(images):
    """Float64 [N, H, W] of whole numbers 0..255."""
    levels = np.floor(images.astype(np.float64) * 255 + 0.5)
    return levels[..., 0] if levels.shape[-1] == 1 else np.floor(levels @ _LUMA + 0.5)


def _halved(images):
    """Images with half the rows and columns, rounded up: bicubic with twice the usual width, borders mirrored."""
    distances = np.abs(np.arange(-3.5, 4.0)) / 2  # of the eight pixels around a new one, in new pixels
    near = 1.5 * distances**3 - 2.5 * distances**2 + 1
    far = -0.5 * distances**3 + 2.5 * distances**2 - 4 * distances + 2
    taps = np.where(distances <= 1, near, far)
    taps /= taps.sum()
    for axis in (1, 2):
        # An even filter is centred on its fifth tap, so origin -1 puts it between pixels 0 and 1.
        images = scipy.ndimage.correlate1d(images, taps, axis=axis, mode="reflect", origin=-1)
        images = images[:, ::2] if axis == 1 else images[:, :, ::2]
    return images


def _of_scale(grey):
    """[N, 18] of images [N, H, W]."""
    mean = _blurred(grey)
    deviation = np.sqrt(np.abs(_blurred(grey**2) - mean**2))
    normalised = (grey - mean) / (deviation + 1)
    features = _gaussian_fit(normalised)
    for shift in _SHIFTS:
        features += _asymmetric_fit(normalised * np.roll(normalised, shift, axis=(1, 2)))
    return np.stack(features, axis=1)


def _blurred(images):
    for axis in (1, 2):
        images = scipy.ndimage.correlate1d(images, _WINDOW, axis=axis, mode="constant")
    return images


def _gaussian_fit(values):
    """[exponent, variance] of a generalised Gaussian, each [N]."""
    variance = np.mean(values**2, axis=(1, 2))
    return [_exponent(variance / np.mean(np.abs(values), axis=(1, 2)) ** 2), variance]


def _asymmetric_fit(values):
    """[exponent, mean, left variance, right variance] of an AGGD, each [N]."""
    squares = values**2
    left, right = (np.sum(squares * side, axis=(1, 2)) / np.sum(side, axis=(1, 2)) for side in (values < 0, values > 0))
    skew = np.sqrt(left / right)
    ratio = np.mean(np.abs(values), axis=(1, 2)) ** 2 / np.mean(squares, axis=(1, 2))
    exponent = _exponent((skew**2 + 1) ** 2 / (ratio * (skew**3 + 1) * (skew + 1)), inverse=True)
    gammas = [scipy.special.gamma(number / exponent) for number in (1, 2, 3)]
    mean = (np.sqrt(right) - np.sqrt(left)) * gammas[1] / np.sqrt(gammas[0] * gammas[2])
    return [exponent, mean, left, right]


def _exponent(ratio, inverse=False):
    """For each ratio [N] the exponent of the grid whose ratio is nearest; with `inverse`, nearest in inverse ratios."""
    table, ratio = (1 / _RATIOS, 1 / ratio) if inverse else (-_RATIOS, -ratio)  # ascending
    above = np.clip(np.searchsorted(table, ratio), 1, len(table) - 1)
    nearest = np.where(ratio - table[above - 1] <= table[above] - ratio, above - 1, above)
    return np.where(np.isnan(ratio), np.nan, _EXPONENTS[nearest])
