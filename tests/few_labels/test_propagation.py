import numpy as np
import pytest

from compare_gan2.few_labels import propagation
from compare_gan2.few_labels.propagation import neighbour_graph, spread, unit_length
from compare_gan2.ground.errors import ConfigError


def two_groups():
    """Forty directions on two arcs of the unit circle, and which arc each is on."""
    angles = 40 * np.concatenate([np.linspace(0, 1, 20) ** 1.2, np.linspace(2.5, 3.5, 20) ** 1.01])
    return np.stack([np.cos(np.deg2rad(angles)), np.sin(np.deg2rad(angles))], axis=1), np.repeat([0, 1], 20)


def test_rows_have_length_one():
    unit = unit_length([[3.0, 4.0], [0.0, 0.0]])
    assert unit.tolist() == [[0.6, 0.8], [0.0, 0.0]]


def test_the_graph_joins_near_images_both_ways():
    points, groups = two_groups()
    graph = neighbour_graph(points, 3).toarray()
    np.testing.assert_allclose(graph, graph.T, rtol=1e-12)
    assert not np.diag(graph).any()
    assert not graph[groups == 0][:, groups == 1].any()
    assert ((graph > 0).sum(axis=1) >= 3).all()
    weights = np.maximum(points @ points.T, 0) ** 3
    joined = graph > 0
    degrees = np.where(joined, weights * (1 + (joined & mutual(points, 3))), 0).sum(axis=1)
    expected = weights[0, 1] * (1 + mutual(points, 3)[0, 1]) / np.sqrt(degrees[0] * degrees[1])
    assert graph[0, 1] == pytest.approx(expected, rel=1e-6)


def mutual(points, neighbours):
    """Whether each of two images is among the nearest of the other."""
    cosines = points @ points.T - 2 * np.eye(len(points))
    near = np.zeros(cosines.shape, bool)
    np.put_along_axis(near, np.argsort(-cosines, axis=1)[:, :neighbours], True, axis=1)
    return near & near.T


def test_scores_solve_the_equation():
    points, groups = two_groups()
    graph, sources = neighbour_graph(points, 3), np.zeros([40, 2])
    sources[[4, 30], [0, 1]] = 1
    scores = spread(graph, sources, 0.9)
    np.testing.assert_allclose(scores - 0.9 * graph @ scores, sources, atol=1e-6)
    assert np.array_equal(scores.argmax(axis=1), groups)


def test_classes_with_more_labels_do_not_win_by_their_number():
    points, _ = two_groups()
    graph, sources = neighbour_graph(points, 3), np.zeros([40, 2])
    sources[:10, 0] = sources[25, 1] = 1
    np.testing.assert_allclose(spread(graph, sources, 0.9), spread(graph, sources * [0.1, 1], 0.9), rtol=1e-9)


def test_an_alpha_that_the_solver_cannot_take_is_named(monkeypatch):
    points, _ = two_groups()
    graph, sources = neighbour_graph(points, 3), np.zeros([40, 1])
    sources[4] = 1
    monkeypatch.setattr(propagation, "SOLVER_ITERATIONS", 1)
    with pytest.raises(ConfigError, match="propagation.alpha: expected .* in 1 steps, got 0.9; bind a smaller one"):
        spread(graph, sources, 0.9)
