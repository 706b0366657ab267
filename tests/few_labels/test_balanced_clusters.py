import numpy as np

from compare_gan2.few_labels.balanced_clusters import balanced_clusters
from compare_gan2.few_labels.propagation import unit_length


def points():
    """Ninety directions around three axes, and the axis of each."""
    random, labels = np.random.RandomState(0), np.repeat([0, 1, 2], [30, 30, 30])
    return unit_length(np.eye(3)[labels] + 0.15 * random.normal(size=(90, 3))), labels


def found(**options):
    return balanced_clusters(points()[0], 3, **{"seed": 0, "restarts": 3, "temperature": 0.01} | options)


def test_groups_are_found_with_equal_sizes():
    clusters, labels = found(), points()[1]
    likeliest = clusters.probabilities.argmax(axis=1)
    assert sorted(np.bincount(likeliest)) == [30, 30, 30]
    assert all(len(set(likeliest[labels == label])) == 1 for label in range(3))
    np.testing.assert_allclose(np.linalg.norm(clusters.centres, axis=1), 1)
    assert 0.9 < clusters.cohesion <= 1


def test_of_unequal_groups_the_larger_one_is_split():
    kept = np.r_[0:30, 30:35, 60:65]
    clusters = balanced_clusters(points()[0][kept], 2, seed=0, restarts=5, temperature=0.01)
    assert np.abs(clusters.probabilities.mean(axis=0) - 0.5).max() < 1e-3


def test_more_restarts_are_no_worse_and_the_seed_decides():
    assert found(restarts=5).cohesion >= found(restarts=1).cohesion
    assert np.array_equal(found(restarts=2).probabilities, found(restarts=2).probabilities)
