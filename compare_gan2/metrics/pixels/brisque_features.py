"""The 36 features of BRISQUE (Mittal, Moorthy and Bovik, IEEE TIP 21(12), 2012): how natural pixels are.

Brightness is normalised by its local mean and deviation. In natural images the result follows a generalised Gaussian,
and products of neighbours follow an asymmetric one (AGGD); the features are their parameters at two scales.
Implementations differ in details that move the score, so a model is used with the features of its own one: `RELEASE` is
the authors' MATLAB code, `PACKAGE` the PyPI package `brisque` 0.2.0.
"""

import collections.abc
import dataclasses

import numpy as np
import scipy.ndimage
import scipy.special

from compare_gan2.ground.image_size import in_pixels
from compare_gan2.ground.progress_callback import tracked
from compare_gan2.metrics.input_checks import unit_images
from compare_gan2.metrics.pixels.brisque_exponents import nearest_of_grid, nearest_of_grid_inverse, solved
from compare_gan2.metrics.pixels.brisque_half_scale import HALF_SCALES
from compare_gan2.metrics.pixels.brisque_rounding import differences_from_mean, package_brightness

NUM_FEATURES = 36
_BLOCK_IMAGES, _BLOCK_PIXELS = 32, 2**17  # arrays of a block stay in the processor's cache
_SHIFTS = ((0, 1), (1, 0), (1, 1), (-1, 1))  # rows and columns: right, below and the two diagonals
_WINDOW = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
_WINDOW /= _WINDOW.sum()
_NOISE = 1e-9  # above what rounding leaves of a normalised pixel in an area of one colour
# Weights of red, green and blue as MATLAB documents them for rgb2gray. The rounded 0.299, 0.587 and 0.114 of ports give
# some pixels another level, which moves exponents by 0.01.
_LUMA = np.array([0.298936021293775, 0.587043074451121, 0.114020904255103])


@dataclasses.dataclass(frozen=True)
class Features:
    """What implementations of the features differ in.

    Attributes:
        brightness: function of uint8 [N, H, W, 1 or 3] -> float64 [N, H, W].
        largest: brightness of white; a 255th of it is added to local deviations.
        half_scale: key of `HALF_SCALES`, how the second scale is made.
        wraps: whether the neighbour of a pixel at the border is the one at the opposite border; else it has none.
        symmetric_pixels: whether the pixels are fitted by a generalised Gaussian; else by an AGGD, as the products are.
        rounds_as_package: whether pixels that equal their surroundings keep the rounding error of the package, and the
            right half of an AGGD holds zeros; else both are in neither half.
        exponent: function of variance / squared mean magnitude [N] -> exponents of AGGDs [N].
    """

    brightness: collections.abc.Callable
    largest: float
    half_scale: str
    wraps: bool
    symmetric_pixels: bool
    rounds_as_package: bool
    exponent: collections.abc.Callable


def _release_brightness(levels):
    levels = levels.astype(np.float64)
    return levels[..., 0] if levels.shape[-1] == 1 else np.floor(levels @ _LUMA + 0.5)


FEATURES = {
    "release": Features(
        brightness=_release_brightness,
        largest=255.0,
        half_scale="antialiased_bicubic",
        wraps=True,
        symmetric_pixels=True,
        rounds_as_package=False,
        exponent=nearest_of_grid_inverse,
    ),
    "package": Features(
        brightness=package_brightness,
        largest=1.0,
        half_scale="bicubic",
        wraps=False,
        symmetric_pixels=False,
        rounds_as_package=True,
        exponent=solved,
    ),
}
SMALLEST_SIDE = 14  # so that the half scale is not smaller than the window


def brisque_features(images, features="release", half_scale=None, progress=None):
    """Float64 [N, 36]; for each scale 2 numbers of the pixels and 4 of each of the four neighbours' products.

    Args:
        images: floats in [0, 1], which are rounded to 256 levels, or bytes; [N, H, W, 1 or 3], at least 14 pixels a
            side, since the window of 7 pixels is applied to half of them. Grey is three equal colours.
        features: key of `FEATURES`, whose features.
        half_scale: key of `HALF_SCALES`, how the second scale is made; None: as `features` has it.
        progress: function (done, total) called after each block of images.

    Raises:
        ValueError: for another type, shape or range, NaN, small images, or one that is too plain for the features, such
            as one of a single colour.
    """
    kind = FEATURES[features]
    halved = HALF_SCALES[kind.half_scale if half_scale is None else half_scale]
    images = unit_images("brisque", images)
    if images.shape[-1] not in (1, 3):
        raise ValueError(f"brisque: expected images with 1 or 3 channels, got shape {images.shape}")
    if min(images.shape[1:3]) < SMALLEST_SIDE:
        height, width = images.shape[1:3]
        raise ValueError(
            f"brisque: expected images of at least {SMALLEST_SIDE} pixels a side, got {in_pixels(height, width)}"
        )
    found = np.empty((len(images), NUM_FEATURES))
    size = max(1, min(_BLOCK_IMAGES, _BLOCK_PIXELS // (images.shape[1] * images.shape[2])))
    for start in tracked(range(0, len(images), size), progress):
        block = slice(start, start + size)
        grey = kind.brightness(_levels(images[block]))
        with np.errstate(divide="ignore", invalid="ignore"):  # of plain images, refused below
            found[block] = np.concatenate([_of_scale(grey, kind), _of_scale(halved(grey), kind)], axis=1)
    bad = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if bad.size:
        raise ValueError(
            f"brisque: {bad.size} of {len(images)} images are too plain for its features (a single colour?), the first"
            f" is image {bad[0]}"
        )
    return found


def _levels(images):
    """uint8 of images in [0, 1]."""
    return np.uint8(np.floor(images.astype(np.float64) * 255 + 0.5))


def _of_scale(grey, kind):
    """[N, 18] of images [N, H, W]; NaN for those of a single colour."""
    mean = _blurred(grey)
    deviation = np.sqrt(np.abs(_blurred(grey**2) - mean**2)) + kind.largest / 255
    normalised = (grey - mean) / deviation
    noise = (np.abs(normalised) < _NOISE) & (grey != 0)
    if noise.any():
        rounded = differences_from_mean(grey, noise) / deviation[noise] if kind.rounds_as_package else 0.0
        normalised[noise] = rounded
    if kind.symmetric_pixels:
        found = _gaussian_fit(normalised)
    else:
        exponent, _, left, right = _asymmetric_fit(normalised, kind)
        found = [exponent, (left + right) / 2]
    for shift in _SHIFTS:
        found += _asymmetric_fit(_products(normalised, shift, kind.wraps), kind)
    plain = np.ptp(grey, axis=(1, 2)) < kind.largest * _NOISE
    return np.where(plain[:, None], np.nan, np.stack(found, axis=1))


def _blurred(images):
    for axis in (1, 2):
        images = scipy.ndimage.correlate1d(images, _WINDOW, axis=axis, mode="constant")
    return images


def _products(values, shift, wraps):
    """Each pixel times its neighbour, [N, ...]."""
    if wraps:
        return values * np.roll(values, shift, axis=(1, 2))
    down, right = shift
    height, width = values.shape[1:]
    rows = slice(max(down, 0), height + min(down, 0)), slice(max(-down, 0), height + min(-down, 0))
    return values[:, rows[0], right:] * values[:, rows[1], : width - right]


def _gaussian_fit(values):
    """[exponent, variance] of a generalised Gaussian, each [N]."""
    variance = np.mean(values**2, axis=(1, 2))
    return [nearest_of_grid(variance / np.mean(np.abs(values), axis=(1, 2)) ** 2), variance]


def _asymmetric_fit(values, kind):
    """[exponent, mean, left variance, right variance] of an AGGD, each [N]."""
    values = values.reshape(len(values), -1)
    negative = np.minimum(values, 0)
    squares, left_squares = (np.einsum("np,np->n", part, part) for part in (values, negative))
    num_left = np.count_nonzero(negative, axis=1)
    num_right = values.shape[1] - num_left if kind.rounds_as_package else np.count_nonzero(values > 0, axis=1)
    left, right = left_squares / num_left, (squares - left_squares) / num_right
    magnitude = (values.sum(axis=1) - 2 * negative.sum(axis=1)) / values.shape[1]
    skew = np.sqrt(left / right)
    ratio = magnitude**2 / (squares / values.shape[1])
    exponent = kind.exponent((skew**2 + 1) ** 2 / (ratio * (skew**3 + 1) * (skew + 1)))
    gammas = [scipy.special.gamma(number / exponent) for number in (1, 2, 3)]
    mean = (np.sqrt(right) - np.sqrt(left)) * gammas[1] / np.sqrt(gammas[0] * gammas[2])
    return [exponent, mean, left, right]
