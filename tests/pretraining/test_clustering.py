import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.clustering import ClusteringOptions, Clusters, cluster, purity, report


def blobs():
    """Ninety points around three centres, one axis a thousand times longer than the others."""
    random = np.random.RandomState(0)
    labels = np.arange(90) % 3
    points = np.eye(3)[labels] + 0.05 * random.normal(size=(90, 3))
    return points * [1.0, 1.0, 1000.0], labels


def test_separate_groups_are_found():
    points, labels = blobs()
    found = cluster(points, ClusteringOptions(3))
    assert purity(found.assignments, labels) == 1.0
    assert report(found, labels, 3) == {
        "cluster_sizes": [30, 30, 30],
        "purity": 1.0,
        "nmi": pytest.approx(1.0),
    }
    assert found.distances.max() < 1.0


def test_the_same_seed_gives_the_same_clusters():
    points = np.random.RandomState(1).normal(size=(200, 4))
    first, second, other = (cluster(points, ClusteringOptions(7, seed)).assignments for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_purity_and_nmi_by_hand():
    assignments, labels = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 1, 1])
    assert purity(assignments, labels) == pytest.approx(5 / 6)
    joint = np.array([[2, 1], [0, 3]]) / 6
    rows, columns = joint.sum(axis=1), joint.sum(axis=0)
    information = sum(
        joint[i, j] * np.log(joint[i, j] / (rows[i] * columns[j])) for i in range(2) for j in range(2) if joint[i, j]
    )
    entropy = [-np.sum(share * np.log(share)) for share in (rows, columns)]
    found = report(Clusters(assignments, np.zeros(6)), labels, 3)
    assert found["nmi"] == pytest.approx(information / np.mean(entropy))
    assert found["cluster_sizes"] == [3, 3, 0]


def test_without_true_labels_there_are_sizes_only():
    unknown = np.array([-1, -1])
    assert report(Clusters(np.array([1, 1]), np.zeros(2)), unknown, 2) == {"cluster_sizes": [0, 2]}


def test_images_without_a_label_say_nothing_of_agreement():
    clusters = Clusters(np.array([0, 0, 1, 1, 1, 0]), np.zeros(6))
    found = report(clusters, np.array([2, -1, 0, 0, -1, -1]), 2)
    assert found == {"cluster_sizes": [3, 3], "purity": 1.0, "nmi": pytest.approx(1.0)}


def test_more_clusters_than_images_are_refused():
    with pytest.raises(ConfigError, match=r"clustering.num_clusters: .* at most the number of images \(5\), got 6"):
        cluster(np.zeros((5, 2)), ClusteringOptions(6))
    with pytest.raises(ConfigError, match="expected a whole number from 1 to 65536 or 'silhouette', got 0"):
        ClusteringOptions(0)


def test_balanced_clusters_have_equal_sizes():
    random = np.random.RandomState(0)
    labels = np.repeat([0, 1, 2], [50, 20, 20])
    points = np.eye(3)[labels] + 0.2 * random.normal(size=(90, 3))
    nearest, balanced = (
        cluster(points, ClusteringOptions(3, scaling="length", assignment=assignment, restarts=3))
        for assignment in ("nearest", "balanced")
    )
    assert sorted(np.bincount(nearest.assignments)) == pytest.approx([20, 20, 50], abs=2)
    assert np.ptp(np.bincount(balanced.assignments)) <= 6
    assert balanced.distances.shape == (90,) and balanced.distances.max() < 2


def test_of_several_restarts_the_tightest_is_taken():
    points = np.random.RandomState(1).normal(size=(120, 3))
    spreads = [np.mean(cluster(points, ClusteringOptions(9, 0, restarts=n)).distances ** 2) for n in (1, 3, 6)]
    assert spreads == sorted(spreads, reverse=True) and spreads[0] > spreads[-1]


def test_the_folder_is_named_as_before_unless_something_is_changed():
    assert ClusteringOptions(10, 3).in_name == "10-seed3"
    named = [ClusteringOptions(10, 3, **changed).in_name for changed in ({"restarts": 2}, {"scaling": "length"})]
    assert all(name.startswith("10-seed3-") for name in named) and len(set(named)) == 2
