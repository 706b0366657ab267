import numpy as np
import pytest

from compare_gan2.metrics.precision_and_recall.balls import inside_each_other


def plain(points, centres, neighbours):
    """Whether each point is in a ball of `centres`, pair by pair in float64."""
    between = np.square(centres[:, None] - centres).sum(-1)
    radii = np.sort(between, axis=1)[:, neighbours]  # [0] is the point itself
    return (np.square(points[:, None] - centres).sum(-1) <= radii).any(axis=1)


def lattice(random):
    """Whole numbers: many points are on the surface of a ball, and sums are exact."""
    return random.randint(-5, 6, [150, 4]), random.randint(-5, 6, [140, 4])


def outlier(random):
    """One point whose squared norm is a million times the others'."""
    real, fake = random.normal(size=(150, 40)), random.normal(size=(140, 40))
    fake[7] *= 1000.0
    return real, fake


def collapsed(random):
    """Fakes that are five images and tiny changes of them, which float32 cannot tell apart."""
    real = random.normal(size=(150, 40))
    return real, np.repeat(real[:5], 28, axis=0) + 1e-9 * random.normal(size=(140, 40))


@pytest.mark.parametrize("neighbours", [1, 3])
@pytest.mark.parametrize("sets", [lattice, outlier, collapsed])
def test_equal_to_float64(sets, neighbours):
    first, second = (array.astype(np.float64) for array in sets(np.random.RandomState(0)))
    done = []
    found = inside_each_other(first, second, neighbours, lambda: done.append(1))
    np.testing.assert_array_equal(found[0], plain(first, second, neighbours))
    np.testing.assert_array_equal(found[1], plain(second, first, neighbours))
    assert 0 < np.concatenate(found).mean() < 1
    assert len(done) == 3
