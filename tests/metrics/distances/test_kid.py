import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.metrics.distances.kid import kid, kid_of_subsets
from compare_gan2.metrics.networks import tfgan_eval


def sets(num_real, num_fake, width=8):
    random = np.random.RandomState(0)
    return random.normal(size=(num_real, width)), random.normal(size=(num_fake, width)) * 1.3 + 0.2


def by_pairs(real, fake):
    """The unbiased estimator of Binkowski et al., pair by pair."""

    def mean(first, second, skip_equal):
        return np.mean([
            (np.dot(a, b) / len(a) + 1) ** 3
            for i, a in enumerate(first)
            for j, b in enumerate(second)
            if not (skip_equal and i == j)
        ])  # fmt: skip

    return mean(real, real, True) + mean(fake, fake, True) - 2 * mean(real, fake, False)


def test_one_block_is_the_estimator():
    real, fake = sets(13, 9)
    result = kid(real, fake)
    assert result.mean == pytest.approx(by_pairs(real, fake), rel=1e-9)
    assert (result.standard_error, result.block_size, result.num_blocks) == (None, 1024, 1)


def test_blocks_are_consecutive_and_the_smaller_come_first():
    real, fake = sets(23, 17)
    result = kid(real, fake, max_block_size=8, images_in_order=True)  # 3 blocks
    values = [
        by_pairs(real[:7], fake[:5]),
        by_pairs(real[7:15], fake[5:11]),
        by_pairs(real[15:], fake[11:]),
    ]
    assert result.num_blocks == 3
    assert result.mean == pytest.approx(np.mean(values), rel=1e-9)
    assert result.standard_error == pytest.approx(np.std(values, ddof=1) / np.sqrt(3), rel=1e-9)
    of_compare_gan = kid(real, fake, max_block_size=8, images_in_order=True, ddof=0)
    assert of_compare_gan.standard_error == pytest.approx(np.std(values) / np.sqrt(3), rel=1e-9)


@pytest.mark.parametrize("num_real, num_fake, block_size", [(300, 300, 1024), (500, 420, 128), (128, 257, 64)])
def test_tfgans_numbers(num_real, num_fake, block_size):
    real, fake = sets(num_real, num_fake, 32)
    mean, error = tfgan_eval.load().kernel_classifier_distance_and_std_from_activations(
        tf.constant(real), tf.constant(fake), max_block_size=block_size
    )
    result = kid(real.astype(np.float32), fake.astype(np.float32), max_block_size=block_size, images_in_order=True)
    assert result.mean == pytest.approx(float(mean), rel=1e-4)
    if result.num_blocks > 1:
        assert result.standard_error == pytest.approx(float(error), rel=1e-4)


def test_subsets_are_drawn_by_the_seed():
    real, fake = sets(60, 50)
    result = kid_of_subsets(real, fake, num_subsets=2, subset_size=20, subset_seed=5, images_in_order=True)
    random, values = np.random.RandomState(5), []
    for _ in range(2):
        of_fake = fake[random.choice(50, 20, replace=False)]
        values.append(by_pairs(real[random.choice(60, 20, replace=False)], of_fake))
    assert result.mean == pytest.approx(np.mean(values), rel=1e-9)
    assert result.std == pytest.approx(np.std(values), rel=1e-9)
    assert (
        kid_of_subsets(real, fake, num_subsets=2, subset_size=20, subset_seed=6, images_in_order=True).mean
        != result.mean
    )


def test_what_has_no_estimate_is_refused():
    real, fake = sets(20, 3)
    expected = "10 gives 2 blocks, too many for at least 2 real and 2 fake images in each, got 20 real and 3 fake"
    with pytest.raises(ValueError, match=f"kid.max_block_size: {expected}; bind kid.max_block_size = 20 or more"):
        kid(real, fake, max_block_size=10)
    with pytest.raises(ValueError, match="kid.max_block_size: expected at least 2, got 1"):
        kid(real, fake, max_block_size=1)
    with pytest.raises(
        ValueError, match="kid_of_subsets.subset_size: expected at most 3, the smaller number of images, got"
    ):
        kid_of_subsets(real, fake, subset_size=10)
    with pytest.raises(
        ValueError, match="kid_of_subsets.subset_size, .*num_subsets: expected at least 2 and 1, got 1 and"
    ):
        kid_of_subsets(real, fake, subset_size=1)
    with pytest.raises(ValueError, match="kid: fake features: 1 of 3 rows hold NaN or infinity, the first is row 2"):
        kid(real, np.where(np.arange(3)[:, None] == 2, np.nan, fake))


def test_blocks_are_drawn_by_the_seed_and_each_side_by_itself():
    real, fake = sets(40, 40)
    assert kid(real, fake, max_block_size=10) == kid(real[::-1], fake, max_block_size=10, seed=0)
    assert kid(real, fake, max_block_size=10, seed=1).mean != kid(real, fake, max_block_size=10).mean
    # Blocks of equal images would give one value for all blocks.
    assert kid(real, real, max_block_size=10).standard_error > 0


@pytest.mark.parametrize("offset, scale", [(0.0, 1.0), (3.0, 1e-20), (30.0, 1.0), (1000.0, 1.0), (1.0, 1e17)])
@pytest.mark.parametrize("width", [2, 64, 2048])
def test_float32_features_give_the_numbers_of_float64(offset, scale, width):
    """Far from the origin, where plain float32 loses what the estimator looks at, and where its squares overflow."""
    real, fake = ((scale * (array + offset)).astype(np.float32) for array in sets(300, 280, width))
    exact = kid(real.astype(np.float64), fake.astype(np.float64), max_block_size=100)
    found = kid(real, fake, max_block_size=100)
    assert found.mean == pytest.approx(exact.mean, abs=1e-3 * exact.standard_error)
    assert found.standard_error == pytest.approx(exact.standard_error, rel=1e-3)


def test_rare_large_values_in_float32():
    real, fake = (array.astype(np.float32) for array in sets(3000, 3000, 64))
    for array in (real, fake):
        array[np.random.RandomState(2).choice(3000, 3, replace=False), 5] = 3000.0
    exact = kid(real.astype(np.float64), fake.astype(np.float64))
    found = kid(real, fake)
    assert found.mean == pytest.approx(exact.mean, abs=1e-4 * exact.standard_error)
    real[1500] = 1e25
    assert kid(real, fake).mean == pytest.approx(kid(real.astype(np.float64), fake).mean, rel=1e-3)
