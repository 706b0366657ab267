"""Intervals against formulas and against the spread of scores of independently drawn images."""

import numpy as np
import pytest

from compare_gan2.metrics import bootstrap
from compare_gan2.metrics.classification.classifier_score import classifier_score
from compare_gan2.metrics.distances.fid import fid


def random(seed=0):
    return np.random.RandomState(seed)


def test_weights_are_counts_of_draws():
    weights = bootstrap.weights(random(), 50, resamples=400)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_allclose(np.round(weights * 50), weights * 50, rtol=1e-12)
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 50, atol=6 / 50 / np.sqrt(400))
    assert np.isclose(np.mean(weights == 0), np.exp(-1), atol=0.03)  # a draw misses an image with (1 - 1/n)^n


def test_interval_of_a_mean_is_that_of_the_normal_distribution():
    values = random(1).normal(3, 2, 2000)
    low, high = bootstrap.interval(values.mean(), bootstrap.mean_resamples(values, random()))
    half = 1.96 * values.std() / np.sqrt(2000)
    np.testing.assert_allclose([low, high], values.mean() + np.array([-half, half]), atol=0.2 * half)


def test_interval_is_moved_to_the_score():
    resampled = random(2).normal(10, 1, 1000)
    low, high = bootstrap.interval(7.0, resampled)
    np.testing.assert_allclose([low, high], [7 - 1.96, 7 + 1.96], atol=0.2)


def test_resampled_classifier_scores_are_those_of_the_drawn_images():
    logits = random(3).normal(0, 3, (40, 5))
    resampled = bootstrap.classifier_score_resamples(logits, random(4))
    counts = np.round(bootstrap.weights(random(4), 40) * 40).astype(int)
    for score, count in list(zip(resampled, counts, strict=True))[:10]:
        np.testing.assert_allclose(score, classifier_score(np.repeat(logits, count, axis=0)), rtol=1e-6)


def test_resampled_fids_are_those_of_the_drawn_images():
    real, fake = random(5).normal(size=(60, 4)), random(6).normal(0.5, 1.5, size=(50, 4))
    resampled = bootstrap.fid_resamples(real, fake, random(7))
    draws = random(7)
    of_real = np.round(bootstrap.weights(draws, 60) * 60).astype(int)
    of_fake = np.round(bootstrap.weights(draws, 50) * 50).astype(int)
    assert len(resampled) == bootstrap.RESAMPLES
    for index in range(10):
        expected = fid(np.repeat(real, of_real[index], axis=0), np.repeat(fake, of_fake[index], axis=0))
        np.testing.assert_allclose(resampled[index], expected, rtol=1e-5)


def test_interval_of_fid_has_the_width_of_what_other_images_give():
    scores = [fid(random(s).normal(size=(500, 3)), random(99 + s).normal(0.3, 1, (500, 3))) for s in range(60)]
    real, fake = random(1000).normal(size=(500, 3)), random(1001).normal(0.3, 1, (500, 3))
    low, high = bootstrap.interval(fid(real, fake), bootstrap.fid_resamples(real, fake, random(8)))
    assert 0.6 < (high - low) / (2 * 1.96 * np.std(scores)) < 1.6


def test_wide_features_get_no_interval_of_fid():
    for count in (500, 5):  # few images do not make their matrices smaller
        assert bootstrap.fid_resamples(np.zeros((count, 2048)), np.zeros((count, 1280)), random()) is None
    assert bootstrap.fid_resamples(np.zeros((5, 1280)), np.zeros((5, 1280)), random()) is None


@pytest.mark.parametrize("seed", [0, 1])
def test_intervals_are_a_function_of_the_seed(seed):
    values = random(9).normal(size=100)
    first, again = (bootstrap.mean_resamples(values, random(seed)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first != bootstrap.mean_resamples(values, random(seed + 1))).any()
