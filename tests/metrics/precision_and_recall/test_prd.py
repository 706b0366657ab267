import numpy as np
import pytest

from compare_gan2.metrics.precision_and_recall.prd import max_f_beta_pair, prd, prd_of_histograms


def test_disjoint_histograms_give_zero():
    precision, recall = prd_of_histograms([1.0, 0.0], [0.0, 1.0])
    assert np.all(precision == 0) and np.all(recall == 0)


def test_equal_histograms_reach_one_and_one():
    precision, recall = prd_of_histograms([0.3, 0.7], [0.3, 0.7], num_angles=11)
    assert (precision[5], recall[5]) == (pytest.approx(1.0), pytest.approx(1.0))


def test_half_of_the_fakes_outside_and_half_of_the_reals_missed():
    precision, recall = prd_of_histograms(real_histogram=[1, 0], fake_histogram=[0.5, 0.5], num_angles=11)
    assert (precision[5], recall[5]) == (pytest.approx(0.5), pytest.approx(0.5))
    assert (precision[10], recall[1]) == (pytest.approx(0.5), pytest.approx(1.0))
    precision, recall = prd_of_histograms(real_histogram=[0.5, 0.5], fake_histogram=[1, 0], num_angles=11)
    assert (precision[10], recall[1]) == (pytest.approx(1.0), pytest.approx(0.5))


def test_f_scores_by_hand():
    precision, recall = [1.0, 0.5], [0.2, 0.8]
    scores = {
        beta: [(1 + beta**2) * p * r / (beta**2 * p + r) for p, r in ((1, 0.2), (0.5, 0.8))] for beta in (8, 1 / 8)
    }
    f8, f1_8 = max_f_beta_pair(precision, recall)
    assert f8 == pytest.approx(max(scores[8]), rel=1e-8)
    assert f1_8 == pytest.approx(max(scores[1 / 8]), rel=1e-8)
    assert f8 < 0.8 < f1_8


def clouds(missing=False, extra=False, count=300):
    """Reals at four places; fakes without the last two of them, or at a fifth place half of the time."""
    random = np.random.RandomState(0)
    places = 10 * np.array([[0, 0], [0, 1], [1, 0], [1, 1], [3, 3]])
    of_fake = random.randint(2 if missing else 4, size=count)
    of_fake[: count // 2] = 4 if extra else of_fake[: count // 2]
    real = places[random.randint(4, size=count)] + random.normal(size=(count, 2))
    return real, places[of_fake] + random.normal(size=(count, 2))


def test_missed_modes_cost_recall_and_invented_ones_precision():
    same, missing, extra = (prd(*clouds(**kind), seed=0) for kind in ({}, {"missing": True}, {"extra": True}))
    assert min(same.f8, same.f1_8) > 0.9
    assert missing.f1_8 > 0.8 > 0.6 > missing.f8
    assert extra.f8 > 0.8 > 0.6 > extra.f1_8
    assert extra.precision.shape == extra.recall.shape == (1001,)


def test_the_seed_decides():
    first, again, other = (prd(*clouds(count=100), seed=seed, num_runs=2) for seed in (1, 1, 2))
    assert np.array_equal(first.precision, again.precision) and np.array_equal(first.recall, again.recall)
    assert not np.array_equal(first.precision, other.precision)


def test_unequal_numbers_only_without_require_balance():
    real, fake = clouds(count=100)
    with pytest.raises(ValueError, match="prd.require_balance: expected as many real as fake images, got 100 and 90"):
        prd(real, fake[:90], seed=0)
    assert 0 < prd(real, fake[:90], seed=0, num_runs=1, require_balance=False).f8 <= 1


def test_values_outside_their_ranges_are_refused():
    with pytest.raises(ValueError, match="prd.num_angles: expected 3 to 1,000,000 .* epsilon < 0.1, got 1001 and 0.1"):
        prd_of_histograms([1.0], [1.0], epsilon=0.1)
    with pytest.raises(ValueError, match="got 2 and 1e-10"):
        prd_of_histograms([1.0], [1.0], num_angles=2)
    with pytest.raises(ValueError, match="fake histogram: .*add up to 1, .*sum 0.9"):
        prd_of_histograms([0.5, 0.5], [0.5, 0.4])
    with pytest.raises(ValueError, match="real histogram"):
        prd_of_histograms([np.nan, 1.0], [0.5, 0.5])
    with pytest.raises(ValueError, match="equally many bins, got 1 fake and 2 real"):
        prd_of_histograms([0.5, 0.5], [1.0])
    with pytest.raises(ValueError, match=r"precision and recall in \[0, 1\]"):
        max_f_beta_pair([1.1], [0.5])
    with pytest.raises(ValueError, match="beta above 0, got beta 0"):
        max_f_beta_pair([1.0], [0.5], beta=0)
    with pytest.raises(ValueError, match="prd.num_clusters: expected 1 to 20, .* got 21"):
        prd(np.zeros((10, 2)), np.zeros((10, 2)), seed=0, num_clusters=21)
