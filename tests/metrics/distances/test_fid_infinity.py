import numpy as np
import pytest

from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.fid_infinity import fid_infinity


def sets(num_real=4000, num_fake=2000, width=10):
    random = np.random.RandomState(0)
    return random.normal(size=(num_real, width)), random.normal(size=(num_fake, width))


def test_the_bias_of_few_fakes_is_taken_off():
    real, fake = sets()
    result = fid_infinity(real, fake, seed=0)
    assert result.sizes == tuple(np.linspace(200, 2000, 15).astype(int)) and result.slope > 0
    assert result.distances[-1] == pytest.approx(fid(real, fake), rel=1e-6)
    # Two samples of one distribution: what is left is the bias of the 4,000 reals.
    assert abs(result.value) < 0.55 * result.distances[-1]


def test_the_line_through_the_distances_over_one_over_n():
    real, fake = sets(400, 300, 4)
    result = fid_infinity(real, fake, seed=3, num_sizes=2, fewest=100)
    (x1, x2), (y1, y2) = 1 / np.array(result.sizes), result.distances
    assert result.sizes == (100, 300)
    assert result.slope == pytest.approx((y1 - y2) / (x1 - x2), rel=1e-9)
    assert result.value == pytest.approx(y1 - result.slope * x1, rel=1e-9)


def test_the_seed_chooses_the_subsets():
    real, fake = sets(200, 200, 3)
    first = fid_infinity(real, fake, seed=1, num_sizes=4)
    assert first == fid_infinity(real, fake, seed=1, num_sizes=4)
    assert first.distances[:-1] != fid_infinity(real, fake, seed=2, num_sizes=4).distances[:-1]


def test_progress_is_reported():
    seen = []
    fid_infinity(*sets(50, 50, 2), seed=0, num_sizes=3, progress=lambda *step: seen.append(step))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("arguments", [{"num_sizes": 1}, {"fewest": 1}, {"fewest": 50}, {"num_sizes": 60}])
def test_sizes_without_a_line_are_refused(arguments):
    with pytest.raises(
        ValueError, match="fid_infinity.num_sizes, fid_infinity.fewest: expected at least 2 different sizes"
    ):
        fid_infinity(*sets(50, 50, 2), seed=0, **arguments)
