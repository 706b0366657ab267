import numpy as np

from compare_gan2.few_labels.named_clusters import clusters_by_class


def test_each_class_gets_one_cluster_and_the_sum_is_largest():
    clusters = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    scores = np.zeros([6, 3])
    scores[[0, 2], [1, 0]] = 1  # the cluster of row 0 is class 1, that of row 2 class 0
    scores[1, 2] = 0.4  # the only image of class 2 is in the cluster of class 1
    found = clusters_by_class(clusters, scores)
    assert found.argmax(axis=1).tolist() == [1, 1, 0, 0, 2, 2]


def test_shares_are_those_of_the_clusters():
    clusters = np.random.RandomState(0).dirichlet([1, 1], 5)
    assert np.array_equal(clusters_by_class(clusters, clusters[:, ::-1]), clusters[:, ::-1])
    assert np.array_equal(clusters_by_class(clusters, clusters), clusters)
