import numpy as np

from compare_gan2.reporting.thinning import smoothed, thinned


def test_highest_and_lowest_values_stay():
    x, y = np.arange(10_000), np.random.default_rng(0).normal(size=10_000)
    y[4321], y[8765] = 50, -50
    few_x, few_y = thinned(x, y, 300)
    assert len(few_x) == len(few_y) <= 302 and (few_y.max(), few_y.min()) == (50, -50)
    assert abs(few_x[few_y.argmax()] - 4321) < 100


def test_short_lines_stay_as_they_are():
    x, y = np.arange(250), np.arange(250.0)
    assert thinned(x, y, 300) == (x, y)


def test_average_of_a_constant_is_the_constant_and_that_of_one_value_is_the_value():
    np.testing.assert_allclose(smoothed(np.full(1000, 3.0)), 3.0)
    assert smoothed(np.array([7.0])).tolist() == [7.0]
    line = smoothed(np.arange(1000.0))
    assert line[500] == 500 and line[0] == 5  # a window of 21, cut at the start
