"""Where the PyPI package `brisque` scores rounding errors: its arithmetic, operation by operation.

In an area of one colour, or on an even slope, a pixel equals its local mean. What is left is a rounding error, and its
sign decides whether the pixel counts as below or above: drawings on a plain ground move by tens of points. So that they
score as the package scores them, brightness and local means of such pixels are rounded as there, under NumPy 1.26 and
OpenBLAS on a processor with AVX-512; elsewhere the package itself gives other scores.
"""

import fractions
import functools

import numpy as np

_RED, _GREEN, _BLUE = 0.2125, 0.7154, 0.0721  # of ITU-R BT.709, as scikit-image has them
_SIDE = 7
# The Gaussian window by squared distance from its middle, to the last bit.
_BY_DISTANCE = {
    0: "0x1.e0db00311d7f1p-4",
    1: "0x1.4d06977d8ad64p-4",
    2: "0x1.cd496e1480e88p-5",
    4: "0x1.ba83b9de5989ep-6",
    5: "0x1.3278d5665da8fp-6",
    8: "0x1.973b1202ace5bp-8",
    9: "0x1.1a0917e5476abp-8",
    10: "0x1.86a8865c4c6d1p-9",
    13: "0x1.038c273f9a49bp-10",
    18: "0x1.4ad805ce81344p-13",
}


def package_brightness(levels):
    """Float64 [N, H, W] in [0, 1] of uint8 [N, H, W, 1 or 3]; grey is three equal colours."""
    red, green, blue = (levels[..., channel] for channel in ((0, 1, 2) if levels.shape[-1] == 3 else (0, 0, 0)))
    sum_of_two = _multiplied_and_added(red, _RED, _products(_GREEN)[0][green])
    return _multiplied_and_added(blue, _BLUE, sum_of_two)


def _multiplied_and_added(levels, weight, addend):
    """levels / 255 * weight + addend, rounded once, as processors do that have an instruction for it."""
    product, rest = (table[levels] for table in _products(weight))
    total = product + addend
    of_addend = total - product
    error = (product - (total - of_addend)) + (addend - of_addend)  # of the sum, exactly (Knuth's TwoSum)
    return total + (error + rest)


@functools.cache
def _products(weight):
    """(level / 255 * weight, what rounding took from it), each float64 [256]."""
    levels = np.arange(256) * (1 / 255.0)
    products = levels * weight
    exact = [fractions.Fraction(level) * fractions.Fraction(weight) for level in levels.tolist()]
    rest = [float(of - fractions.Fraction(rounded)) for of, rounded in zip(exact, products.tolist(), strict=True)]
    return products, np.array(rest)


def differences_from_mean(images, chosen):
    """[K] pixels minus their local mean, for the K pixels that are `chosen`.

    Args:
        images: float64 [N, H, W].
        chosen: bool [N, H, W].
    """
    margin = _SIDE // 2
    padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    number, row, column = np.nonzero(chosen)
    corner = np.ravel_multi_index((number, row, column), padded.shape)
    flat, width = padded.ravel(), padded.shape[2]
    mean = np.zeros(len(corner))
    for down in reversed(range(_SIDE)):
        for right in reversed(range(_SIDE)):
            weight = float.fromhex(_BY_DISTANCE[(down - margin) ** 2 + (right - margin) ** 2])
            mean += flat[corner + (down * width + right)] * weight
    return images[chosen] - mean
