import math

import numpy as np
import pytest

from compare_gan2.metrics.pixels.brisque_exponents import nearest_of_grid, nearest_of_grid_inverse, solved


def ratio(exponent):
    return math.gamma(1 / exponent) * math.gamma(3 / exponent) / math.gamma(2 / exponent) ** 2


EXPONENTS = np.array([0.2, 0.5173, 1.0, 2.0, 3.3334, 9.9996])
RATIOS = np.array([ratio(exponent) for exponent in EXPONENTS])


def test_known_distributions():
    found = solved(np.array([2.0, math.pi / 2]))  # Laplace, normal
    assert found == pytest.approx([1.0, 2.0], rel=1e-12)


def test_the_equation_is_solved():
    assert solved(RATIOS) == pytest.approx(EXPONENTS, rel=1e-9)
    wide = np.geomspace(0.021, 60, 40)
    assert solved(np.array([ratio(exponent) for exponent in wide])) == pytest.approx(wide, rel=1e-6)


def test_the_grid_has_three_digits():
    for lookup in (nearest_of_grid, nearest_of_grid_inverse):
        assert lookup(RATIOS) == pytest.approx(np.round(EXPONENTS, 3), abs=1e-9)


def test_where_no_distribution_has_the_ratio():
    beyond = np.array([1.0, 1.3, 1e300, np.nan])
    assert solved(beyond)[:3] == pytest.approx([100.0, 100.0, 0.02]) and np.isnan(solved(beyond)[3])
    for lookup in (nearest_of_grid, nearest_of_grid_inverse):
        assert lookup(beyond)[:3] == pytest.approx([10.0, 10.0, 0.2]) and np.isnan(lookup(beyond)[3])
