import numpy as np
import pytest

from compare_gan2.metrics.pixels.brisque_half_scale import HALF_SCALES

RAMP = np.arange(10.0)[None, None, :] + 100 * np.arange(8.0)[None, :, None]


@pytest.mark.parametrize("name", sorted(HALF_SCALES))
def test_constants_stay_and_a_slope_keeps_its_slope(name):
    halved = HALF_SCALES[name]
    assert halved(np.full((2, 9, 14), 3.25)) == pytest.approx(3.25)
    inner = halved(RAMP)[0, 1:-1, 1:-1]
    assert np.diff(inner, axis=1) == pytest.approx(2.0, abs=0.1) and np.diff(inner, axis=0) == pytest.approx(
        200, abs=10
    )


@pytest.mark.parametrize(
    "name, place",
    [("nearest", 0.0), ("bicubic", 0.5), ("antialiased_bicubic", 0.5)],
)
def test_where_a_new_pixel_is(name, place):
    wide = np.tile(np.arange(40.0), (1, 40, 1))
    assert HALF_SCALES[name](wide)[0, 10, 5:15] == pytest.approx(2 * np.arange(5, 15) + place)


def test_weights_of_an_impulse():
    impulse = np.zeros((1, 32, 32))
    impulse[0, :, 16] = 32
    expected = {
        "nearest": [0, 0, 32, 0],
        "bicubic": [0, -3, 19, 0],
        "antialiased_bicubic": [-0.375, 3.625, 13.875, -1.125],
    }
    for name, values in expected.items():
        found = HALF_SCALES[name](impulse)[0, 8]
        assert found[6:10] == pytest.approx(values) and found.sum() == pytest.approx(sum(values))


def test_sizes_of_odd_sides():
    images = np.random.RandomState(0).random_sample((1, 73, 91))
    shapes = {name: halved(images).shape[1:] for name, halved in HALF_SCALES.items()}
    # OpenCV rounds to even numbers, MATLAB up.
    assert shapes == {"bicubic": (36, 46), "nearest": (36, 46), "antialiased_bicubic": (37, 46)}
