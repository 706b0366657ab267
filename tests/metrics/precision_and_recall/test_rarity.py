"""The rarity score against a loop over its definition."""

import numpy as np
import pytest

from compare_gan2.metrics.precision_and_recall.precision_recall import precision_recall
from compare_gan2.metrics.precision_and_recall.rarity import rarity


def by_loops(real, fake, neighbours):
    """Scores, sorted, of images that have one."""
    radii = [sorted(np.linalg.norm(point - other) for other in real)[neighbours] for point in real]
    scores = []
    for image in fake:
        around = [radius for point, radius in zip(real, radii, strict=True) if np.linalg.norm(image - point) <= radius]
        if around:
            scores.append(min(around))
    return sorted(scores)


@pytest.mark.parametrize("neighbours", [1, 3])
def test_equals_the_definition(neighbours):
    random = np.random.RandomState(0)
    real, fake = random.normal(size=(40, 3)), 1.5 * random.normal(size=(50, 3))
    found, expected = rarity(real, fake, neighbours=neighbours), by_loops(real, fake, neighbours)
    np.testing.assert_allclose(found.scores[: len(expected)], expected, rtol=1e-12)
    assert np.isinf(found.scores[len(expected) :]).all() and 0 < len(expected) < 50
    assert found.mean == pytest.approx(np.mean(expected)) and found.share == len(expected) / 50
    assert found.share == precision_recall(real, fake, neighbours=neighbours).precision


def test_images_of_sparse_regions_are_rarer():
    random = np.random.RandomState(1)
    dense, sparse = random.normal(size=(200, 2)), 20 + 5 * random.normal(size=(40, 2))
    real = np.concatenate([dense, sparse])
    assert rarity(real, sparse + 0.01).mean > 3 * rarity(real, dense + 0.01).mean


def test_no_image_among_the_reals_has_no_score():
    found = rarity(np.arange(10.0)[:, None], np.array([[1000.0]]))
    assert found.mean is None and found.share == 0.0


def test_too_few_images_are_refused():
    with pytest.raises(ValueError, match="rarity.neighbours: expected 1 to 3, one less than the number of real images"):
        rarity(np.zeros((4, 2)), np.zeros((4, 2)), neighbours=4)
