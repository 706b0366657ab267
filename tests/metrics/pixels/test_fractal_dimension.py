import numpy as np
import pytest

from compare_gan2.metrics.pixels.fractal_dimension import fractal_dimension, fractal_dimension_around
from compare_gan2.metrics.row_order import in_content_order


@pytest.mark.parametrize("dimension, tolerance", [(1, 0.05), (2, 0.1)])
def test_dimension_of_what_points_fill(dimension, tolerance):
    random = np.random.RandomState(0)
    turned, _ = np.linalg.qr(random.normal(size=(5, dimension)))
    points = random.random_sample((10000, dimension)) @ turned.T
    assert fractal_dimension(points, seed=0) == pytest.approx(dimension, abs=tolerance)


def test_units_do_not_matter_and_the_seed_chooses_points():
    points = np.random.RandomState(1).normal(size=(500, 4))
    value = fractal_dimension(points, seed=0)
    assert fractal_dimension(255 * points.astype(np.float32), seed=0) == pytest.approx(value, rel=1e-4)
    assert fractal_dimension(points, seed=1) != value
    rows = np.random.RandomState(0).randint(500, size=100)
    assert fractal_dimension_around(in_content_order(points), rows) == value


def test_by_counting_neighbours():
    points = np.random.RandomState(2).normal(size=(60, 3))
    rows = np.arange(0, 60, 5)
    distances = np.array([np.linalg.norm(a - b) for a in points for b in points[rows]])
    smallest, largest = min(distances[distances > 0]), max(distances)
    radii = [smallest * (largest / smallest) ** (k / 199) for k in range(1, 200)]
    numbers = [np.log(sum(distances < radius)) for radius in radii]
    middle, width = np.log(12) + np.log(60) / 2, np.log(60)
    first = next(k for k, y in enumerate(numbers) if y > middle - 0.1 * width)
    last = next(k for k, y in enumerate(numbers) if y > middle + 0.1 * width)
    x, y = np.log(radii[first:last]), np.array(numbers[first:last])
    slope = np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2)
    assert fractal_dimension_around(points, rows, num_radii=200) == pytest.approx(slope, rel=1e-9)


def test_points_without_a_dimension_are_refused():
    with pytest.raises(ValueError, match="images are equal or equally far apart"):
        fractal_dimension(np.ones((200, 3)), seed=0)
    with pytest.raises(ValueError, match="num_radii: only . of 1000 radii are in the fitted part"):
        fractal_dimension(np.r_[np.zeros((100, 1)), np.ones((100, 1)), [[2.0]]], seed=0)
    with pytest.raises(ValueError, match="fractal_dimension.num_seeds: expected 1 to 99, .* got 100"):
        fractal_dimension(np.ones((99, 3)), seed=0)
    with pytest.raises(ValueError, match="expected indices of 5 points"):
        fractal_dimension_around(np.arange(5.0)[:, None], [5])
