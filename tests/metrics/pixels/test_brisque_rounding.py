"""The last bits of the package brisque under NumPy 1.26, recorded once as hexadecimal numbers."""

import fractions

import numpy as np
import pytest

from compare_gan2.metrics.pixels.brisque_rounding import differences_from_mean, package_brightness

# {level of a plain picture: pixel minus local mean}
RECORDED = {
    1: "0x1.0000000000000p-59",
    37: "0x1.0000000000000p-55",
    128: "0x1.0000000000000p-52",
    200: "0x1.0000000000000p-53",
    255: "0x1.8000000000000p-52",
}
LEVELS = np.uint8(np.random.RandomState(0).randint(0, 256, (1, 30, 40, 3)))


def test_brightness_rounds_each_sum_once():
    def rounded(number):
        return fractions.Fraction(float(number))

    weights = [fractions.Fraction(weight) for weight in (0.2125, 0.7154, 0.0721)]
    found = package_brightness(LEVELS)[0]
    for row, column in ((0, 0), (3, 17), (29, 39), (12, 5), (7, 31)):
        red, green, blue = (fractions.Fraction(level) for level in (LEVELS[0, row, column] * (1 / 255.0)).tolist())
        total = rounded(weights[0] * red + rounded(weights[1] * green))
        assert found[row, column] == float(weights[2] * blue + total)


def test_grey_is_three_equal_colours():
    grey = LEVELS[..., :1]
    assert np.array_equal(package_brightness(grey), package_brightness(np.repeat(grey, 3, axis=-1)))
    assert package_brightness(grey)[0] == pytest.approx(grey[0, ..., 0] / 255.0, rel=1e-15)


def test_means_are_those_of_the_gaussian_window_with_zeros_beyond_the_border():
    images = np.random.RandomState(1).random_sample((2, 9, 12))
    chosen = np.zeros(images.shape, bool)
    chosen[0, 4, 6] = chosen[1, 0, 11] = True
    near = np.exp(-(np.arange(-3, 4) ** 2) / (2 * (7 / 6) ** 2))
    window = np.outer(near, near) / near.sum() ** 2
    means = [np.sum(window * images[0, 1:8, 3:10]), np.sum(window[3:, :4] * images[1, :4, 8:])]
    assert differences_from_mean(images, chosen) == pytest.approx(images[chosen] - means, abs=1e-12)


def test_what_is_left_of_plain_areas():
    levels, expected = zip(*RECORDED.items(), strict=True)
    images = package_brightness(np.uint8(np.ones((1, 9, 9, 1)) * np.reshape(levels, (5, 1, 1, 1))))
    chosen = np.zeros(images.shape, bool)
    chosen[:, 4, 4] = True
    found = differences_from_mean(images, chosen)
    assert tuple(number.hex() for number in found.tolist()) == expected
