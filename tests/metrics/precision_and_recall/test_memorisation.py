"""Shares of copies and the test of data copying against loops over the definitions."""

import numpy as np
import pytest
import scipy.stats

from compare_gan2.metrics.precision_and_recall.memorisation import memorisation


def by_loops(training, real, fake):
    """(copied, copied_held_out, z) straight from the definitions."""

    def distance(a, b):
        return np.sqrt(((a - b) ** 2).sum())

    def copied(images):
        hits = 0
        for image in images:
            nearest = min(range(len(training)), key=lambda index: distance(image, training[index]))
            apart = min(distance(training[nearest], other) for k, other in enumerate(training) if k != nearest)
            hits += distance(image, training[nearest]) <= apart
        return hits / len(images)

    fakes, reals = ([min(distance(image, one) for one in training) for image in images] for images in (fake, real))
    wins = sum((a > b) + 0.5 * (a == b) for a in fakes for b in reals)
    m, n = len(fakes), len(reals)
    return copied(fake), copied(real), (wins - m * n / 2) / np.sqrt(m * n * (m + n + 1) / 12)


def test_equals_the_definition():
    random = np.random.RandomState(0)
    training, real, fake = random.normal(size=(40, 5)), random.normal(size=(25, 5)), random.normal(size=(30, 5))
    fake[:10] = training[:10] + 0.1 * random.normal(size=(10, 5))
    found = memorisation(training, real, fake)
    assert (found.copied, found.copied_held_out) == by_loops(training, real, fake)[:2]
    assert found.data_copying == pytest.approx(by_loops(training, real, fake)[2], rel=1e-9)


def test_z_value_is_that_of_the_mann_whitney_test():
    random = np.random.RandomState(1)
    training, real, fake = random.normal(size=(50, 3)), random.normal(size=(30, 3)), 2 * random.normal(size=(40, 3))
    z = memorisation(training, real, fake).data_copying
    distances = [np.sqrt(((images[:, None] - training) ** 2).sum(axis=2)).min(axis=1) for images in (fake, real)]
    expected = scipy.stats.mannwhitneyu(*distances, use_continuity=False, method="asymptotic").pvalue
    assert 2 * scipy.stats.norm.sf(abs(z)) == pytest.approx(expected, rel=1e-6) and z > 2  # far away: underfitted


def test_copies_and_their_absence():
    random = np.random.RandomState(2)
    training, real = random.normal(size=(200, 8)), random.normal(size=(100, 8))
    copies = memorisation(training, real, training[:100])
    assert copies.copied == 1.0 and copies.data_copying < -10 and copies.copied_held_out < 0.7
    fresh = memorisation(training, real, random.normal(size=(100, 8)))
    assert abs(fresh.data_copying) < 3 and abs(fresh.copied - fresh.copied_held_out) < 0.2


def test_progress_ends():
    reported, random = [], np.random.RandomState(3)
    memorisation(*random.normal(size=(3, 20, 2)), progress=lambda done, total: reported.append((done, total)))
    assert [done for done, _ in reported] == list(range(1, reported[-1][1] + 1))


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (np.zeros((1, 3)), "memorisation: training features: expected a matrix with at least 2 rows"),
        (np.zeros((9, 4)), "expected equally wide features, got 4 of training images and 3 of real ones"),
        (np.full((9, 3), np.nan), "memorisation: training features: 9 of 9 rows hold NaN"),
    ],
)
def test_what_is_not_defined_is_refused(training, message):
    with pytest.raises(ValueError, match=message):
        memorisation(training, np.zeros((5, 3)), np.zeros((5, 3)))
