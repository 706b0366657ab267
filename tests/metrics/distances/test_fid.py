import numpy as np
import pytest

from compare_gan2.metrics.distances import fid as fid_module
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks import tfgan_eval


def test_hand_computed_distance():
    real, fake = np.ones((100, 2)), np.full((100, 2), 9.0)
    real[:50, 0] = 2.0
    fake[50:, 0] = 2.0
    assert fid(real, fake) == pytest.approx(89.091, abs=1e-4)
    assert fid(real.astype(np.float32), fake.astype(np.float32)) == pytest.approx(89.091, abs=1e-4)


def test_one_feature_is_difference_of_means_and_deviations():
    real, fake = np.array([[0.0], [2.0]]), np.array([[5.0], [5.0], [11.0]])
    # Means 1 and 7; with divisor n - 1 deviations sqrt(2) and sqrt(12).
    assert fid(real, fake) == pytest.approx(36.0 + (np.sqrt(12.0) - np.sqrt(2.0)) ** 2, rel=1e-9)
    assert isinstance(fid(real, fake), float)


def test_equal_samples_in_any_order_have_distance_zero():
    features = np.random.RandomState(0).normal(size=(200, 16))
    assert fid(features, features[::-1]) == pytest.approx(0.0, abs=1e-9)


def test_rotated_covariances_against_closed_form():
    random = np.random.RandomState(1)
    real = random.normal(size=(300, 5)) @ random.normal(size=(5, 5))
    fake = random.normal(size=(400, 5)) @ random.normal(size=(5, 5)) + 1.0
    product = np.cov(real.T) @ np.cov(fake.T)
    roots = np.sqrt(np.linalg.eigvals(product).real).sum()
    expected = np.square(real.mean(0) - fake.mean(0)).sum() + np.trace(np.cov(real.T) + np.cov(fake.T)) - 2 * roots
    assert fid(real, fake) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("which", ["real", "fake"])
def test_features_that_are_not_finite_are_refused(value, which):
    features = {"real": np.ones((10, 3)), "fake": np.ones((10, 3))}
    features[which][7, 1] = value
    features[which][9, 0] = value
    with pytest.raises(ValueError, match=f"fid: {which} features: 2 of 10 rows hold NaN or infinity, .* row 7"):
        fid(features["real"], features["fake"])


def test_overflow_is_refused():
    with pytest.raises(ValueError, match="fid: the distance is .* features are too large: up to 1e\\+200"):
        fid(np.zeros((3, 1)), np.array([[1e200], [-1e200], [0.0]]))


@pytest.mark.parametrize("shape", [(1, 3), (0, 3), (3,), (3, 0)])
def test_shapes_without_a_covariance_are_refused(shape):
    with pytest.raises(ValueError, match="fid: fake features: expected a matrix with at least 2 rows"):
        fid(np.ones((5, 3)), np.ones(shape))


def test_different_widths_are_refused():
    with pytest.raises(ValueError, match="got 3 real and 4 fake"):
        fid(np.ones((5, 3)), np.ones((5, 4)))


def test_large_sets_go_in_a_stream_to_the_same_distance(monkeypatch):
    random = np.random.RandomState(2)
    real, fake = random.normal(size=(300, 24)), random.normal(size=(200, 24)) * 1.1 + 0.2
    expected = fid(real, fake)
    monkeypatch.setattr(fid_module, "IN_MEMORY", 500 * 24 - 1)
    monkeypatch.setattr(tfgan_eval, "load", None)  # would fail if it were called
    seen = []
    assert fid(real, fake, progress=lambda *part: seen.append(part)) == pytest.approx(expected, rel=1e-6)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert fid(real, real) == pytest.approx(0.0, abs=1e-9)
