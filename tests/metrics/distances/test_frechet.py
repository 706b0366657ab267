import numpy as np
import pytest

from compare_gan2.metrics.distances import frechet
from compare_gan2.metrics.distances.frechet import Moments, frechet_distance, frechet_distance_of_features, gaussian
from compare_gan2.metrics.networks import tfgan_eval


def features(seed, count, width, shift=0.0):
    random = np.random.RandomState(seed)
    return random.normal(size=(count, width)) @ random.normal(size=(width, width)) + shift


def tfgan_fid(real, fake):
    return float(tfgan_eval.load().frechet_classifier_distance_from_activations(real, fake))


def test_moments_are_those_of_numpy(monkeypatch):
    monkeypatch.setattr(frechet, "_BLOCK_ROWS", 7)
    rows = features(0, 100, 5).astype(np.float32)
    moments = Moments()
    for part in np.split(rows, [1, 30, 33]):
        moments.add(part)
    fitted = moments.gaussian()
    assert fitted.count == 100
    assert fitted.mean == pytest.approx(rows.astype(np.float64).mean(axis=0), rel=1e-12)
    assert fitted.covariance == pytest.approx(np.cov(rows.astype(np.float64).T), rel=1e-12)


def test_a_far_mean_costs_no_digits():
    rows = features(0, 200, 4)
    assert gaussian(rows + 1e7).covariance == pytest.approx(gaussian(rows).covariance, rel=1e-7)


@pytest.mark.parametrize("num_real, num_fake, width", [(300, 200, 16), (40, 90, 64), (30, 20, 64), (500, 20, 32)])
def test_all_ways_give_tfgans_distance(num_real, num_fake, width):
    real, fake = features(0, num_real, width), features(1, num_fake, width, shift=0.5)
    expected = tfgan_fid(real, fake)
    assert frechet_distance(gaussian(real), gaussian(fake)) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance_of_features(real, fake) == pytest.approx(expected, rel=1e-6)
    assert frechet_distance_of_features(fake, real) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [5, 100])
def test_equal_and_constant_samples_have_distance_zero(count):
    rows = features(2, count, 20)
    for same in (rows, np.ones((count, 20))):
        assert frechet_distance(gaussian(same), gaussian(same[::-1])) == pytest.approx(0.0, abs=1e-5)
        assert 0.0 <= frechet_distance_of_features(same, same[::-1]) < 1e-5


def test_constant_against_varied_is_the_trace():
    rows = features(3, 50, 4)
    expected = np.trace(np.cov(rows.T))
    constant = np.tile(rows.mean(axis=0), (50, 1))
    assert frechet_distance_of_features(rows, constant) == pytest.approx(expected, rel=1e-6)


def test_a_factor_computed_once_gives_the_same():
    real, fake = gaussian(features(0, 60, 6)), gaussian(features(1, 60, 6))
    assert frechet_distance(real, fake, frechet.covariance_factor(real.covariance)) == frechet_distance(real, fake)


def test_what_has_no_distance_is_refused():
    moments = Moments()
    moments.add(np.ones((1, 3)))
    with pytest.raises(ValueError, match="a covariance needs at least 2 rows, got 1"):
        moments.gaussian()
    with pytest.raises(ValueError, match="expected features of width 3, got 4"):
        moments.add(np.ones((1, 4)))
    with pytest.raises(ValueError, match="moments: features: 1 of 2 rows hold NaN or infinity, the first is row 1"):
        moments.add([[1.0, 2.0, 3.0], [np.inf, 0.0, 0.0]])
    with pytest.raises(ValueError, match="expected equal widths, got 2 and 3"):
        frechet_distance(gaussian(np.eye(2)), gaussian(np.eye(3)))
    huge = np.array([[1e200], [-1e200], [0.0]])
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ValueError, match="too large"):
        gaussian(huge)
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ValueError, match="too large"):
        frechet_distance_of_features(np.tile(huge, (1, 5)), np.tile(huge, (1, 5)))
