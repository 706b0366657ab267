import numpy as np
import pytest

from compare_gan2.metrics.precision_and_recall import nearest_neighbours
from compare_gan2.metrics.precision_and_recall.precision_recall import PrecisionRecall, precision_recall


def sets(num_real=50, num_fake=40, width=3):
    random = np.random.RandomState(0)
    return random.normal(size=(num_real, width)), random.normal(size=(num_fake, width)) * 1.5 + 1.0


def by_pairs(real, fake, neighbours):
    def inside_any(points, centres):
        radii = [sorted(np.linalg.norm(centres - centre, axis=1))[neighbours] for centre in centres]  # [0] is itself
        return np.mean([
            any(np.linalg.norm(point - centre) <= radius for centre, radius in zip(centres, radii, strict=True))
            for point in points
        ])  # fmt: skip

    return inside_any(fake, real), inside_any(real, fake)


@pytest.mark.parametrize("neighbours", [1, 3])
def test_pair_by_pair_and_in_blocks(neighbours, monkeypatch):
    real, fake = sets()
    result, progress = precision_recall(real, fake, neighbours=neighbours), []
    assert (result.precision, result.recall) == pytest.approx(by_pairs(real, fake, neighbours), rel=1e-12)
    assert 0 < result.recall < 1 and 0 < result.precision < 1
    monkeypatch.setattr(
        nearest_neighbours, "_BLOCK_BYTES", 8 * 50 * 7
    )  # seven rows against the reals, eight or so else
    blocks = precision_recall(real, fake, neighbours=neighbours, progress=lambda *step: progress.append(step))
    assert blocks == result
    assert progress == [(k, 8 + 5 + 6) for k in range(1, 20)]


def test_equal_points_are_inside_and_far_ones_are_not():
    real, _ = sets()
    assert precision_recall(real, real[::-1]) == PrecisionRecall(1.0, 1.0)
    assert precision_recall(real, real + 100.0) == PrecisionRecall(0.0, 0.0)


def test_one_repeated_fake():
    """Balls of radius zero around copies of one point hold that point and no other, at any offset."""
    real, _ = sets()
    for offset in (0.0, 1e4):
        result = precision_recall(real + offset, np.tile(real[7], (10, 1)) + offset)
        assert (result.precision, result.recall) == (1.0, 1 / 50)


def test_points_at_equal_distances_count_as_inside():
    line = np.arange(6.0)[:, None]
    assert precision_recall(line, line[:2] - 1.0, neighbours=1) == PrecisionRecall(1.0, 2 / 6)


def test_too_few_images_are_refused():
    real, fake = sets()
    with pytest.raises(ValueError, match="precision_recall.neighbours: expected 1 to 2, one less than the"):
        precision_recall(real, fake[:3])
    with pytest.raises(ValueError, match="precision_recall.neighbours: expected 1 to .* got 0"):
        precision_recall(real, fake, neighbours=0)
    with pytest.raises(ValueError, match="real features: 1 of 50 rows hold NaN"):
        precision_recall(np.where(np.arange(50)[:, None] == 3, np.nan, real), fake)


@pytest.mark.parametrize("scale", [5e-324, 1e-308, 1e-160, 1e30, 1e300])
def test_scale_does_not_matter(scale):
    """Whole numbers, which a multiple of the least number above 0 can hold."""
    real, fake = (np.round(10.0 * array) for array in sets(width=8))
    assert precision_recall(real * scale, fake * scale) == precision_recall(real, fake)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_whole_numbers_have_exact_ties(kind):
    real, fake = (np.round(array).astype(kind) for array in sets(120, 110, width=4))
    result = precision_recall(real, fake)
    assert (result.precision, result.recall) == by_pairs(real.astype(np.float64), fake.astype(np.float64), 3)


@pytest.mark.parametrize("size", [1e4, 1e10, 1e20])
def test_an_outlier_changes_nothing_elsewhere(size):
    real, fake = sets(width=8)
    real[3] = size
    result = precision_recall(real, fake)
    assert (result.precision, result.recall) == by_pairs(real, fake, 3)
