import numpy as np
import pytest

from compare_gan2.metrics.precision_and_recall import nearest_neighbours
from compare_gan2.metrics.precision_and_recall.density_coverage import density_coverage


def sets(num_real=50, num_fake=40, width=3):
    random = np.random.RandomState(0)
    return random.normal(size=(num_real, width)), random.normal(size=(num_fake, width)) * 0.7 + 0.4


def by_pairs(real, fake, neighbours):
    radii = [sorted(np.linalg.norm(real - centre, axis=1))[neighbours] for centre in real]  # [0] is itself
    inside = [[np.linalg.norm(x - y) < radius for y, radius in zip(real, radii, strict=True)] for x in fake]
    return np.sum(inside) / (neighbours * len(fake)), np.mean(np.any(inside, axis=0))


@pytest.mark.parametrize("neighbours", [1, 5])
def test_pair_by_pair_and_in_blocks(neighbours, monkeypatch):
    real, fake = sets()
    result, progress = density_coverage(real, fake, neighbours=neighbours), []
    assert (result.density, result.coverage) == pytest.approx(by_pairs(real, fake, neighbours), rel=1e-12)
    assert 0 < result.coverage < 1
    monkeypatch.setattr(nearest_neighbours, "_BLOCK_BYTES", 8 * 50 * 7)
    blocks = density_coverage(real, fake, neighbours=neighbours, progress=lambda *step: progress.append(step))
    assert blocks == result
    assert progress == [(k, 8 + 6) for k in range(1, 15)]


@pytest.mark.parametrize("size", [1e4, 1e10, 1e20])
def test_an_outlier_changes_nothing_elsewhere(size):
    real, fake = sets(width=8)
    real[3] = size
    result = density_coverage(real, fake, neighbours=3)
    assert (result.density, result.coverage) == pytest.approx(by_pairs(real, fake, 3), rel=1e-12)


def test_whole_numbers_have_exact_ties():
    """A point on the surface of a ball is outside, as in the authors' code."""
    real, fake = (np.round(array) for array in sets(120, 110, width=4))
    result = density_coverage(real, fake, neighbours=3)
    assert (result.density, result.coverage) == pytest.approx(by_pairs(real, fake, 3), rel=1e-12)


def test_fakes_in_one_dense_spot_are_dense_and_cover_little():
    real, _ = sets()
    spot = real[np.argmin(np.linalg.norm(real, axis=1))]
    result = density_coverage(real, np.tile(spot, (40, 1)))
    assert result.density >= 1.0 and result.coverage < 0.5
    far = density_coverage(real, real + 100.0)
    assert (far.density, far.coverage) == (0.0, 0.0)


def test_points_on_the_surface_are_outside():
    line = np.arange(6.0)[:, None]
    assert density_coverage(line, [[-1.0]], neighbours=1).density == 0.0
    assert density_coverage(line, [[-0.5]], neighbours=1).density == 1.0


def test_too_few_images_are_refused():
    real, fake = sets()
    with pytest.raises(ValueError, match="density_coverage.neighbours: expected 1 to 4, .* got 5"):
        density_coverage(real[:5], fake)
    with pytest.raises(ValueError, match="density_coverage.neighbours: expected 1 to .* got 0"):
        density_coverage(real, fake, neighbours=0)
