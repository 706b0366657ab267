import numpy as np
import pytest

from compare_gan2.metrics.classification.classifier_score import classifier_score, classifier_score_of_splits
from compare_gan2.metrics.networks import tfgan_eval


def test_certain_and_even_predictions_score_the_number_of_classes():
    assert classifier_score(1000.0 * np.tile(np.eye(4), (5, 1))) == pytest.approx(4.0, rel=1e-9)


def test_equal_predictions_score_one():
    assert classifier_score(np.tile([[1.0, 2.0, 3.0]], (6, 1))) == pytest.approx(1.0, rel=1e-9)


def test_it_is_that_of_tfgan():
    logits = np.random.RandomState(3).normal(size=(211, 10)) * [[0.5], *[[4.0]] * 210]
    expected = float(tfgan_eval.load().classifier_score_from_logits(logits))
    assert expected > 2 and classifier_score(logits) == pytest.approx(expected, rel=1e-12)


def test_hand_computed_score():
    probabilities = np.array([[0.8, 0.2], [0.2, 0.8]])
    divergence = 0.8 * np.log(0.8 / 0.5) + 0.2 * np.log(0.2 / 0.5)
    assert classifier_score(np.log(probabilities)) == pytest.approx(np.exp(divergence), rel=1e-9)
    assert isinstance(classifier_score(np.log(probabilities)), float)


def test_logits_that_are_not_finite_are_refused():
    logits = np.zeros((4, 3))
    logits[2, 0] = np.nan
    with pytest.raises(ValueError, match="classifier_score: logits: 1 of 4 rows hold NaN or infinity, .* row 2"):
        classifier_score(logits)


def test_no_images_are_refused():
    with pytest.raises(ValueError, match=r"at least 1 rows, got shape \(0, 10\)"):
        classifier_score(np.zeros((0, 10)))


def test_splits_are_consecutive_parts_scored_by_themselves():
    logits = np.random.RandomState(0).normal(size=(37, 6)) * 3
    parts = [logits[:9], logits[9:18], logits[18:27], logits[27:]]  # 37 * part // 4
    scores = [classifier_score(part) for part in parts]
    result = classifier_score_of_splits(logits, 4, images_in_order=True)
    assert result.mean == pytest.approx(np.mean(scores), rel=1e-9)
    assert result.std == pytest.approx(np.std(scores), rel=1e-9)
    assert result.num_splits == 4
    assert classifier_score_of_splits(logits, 1).mean == pytest.approx(classifier_score(logits), rel=1e-9)
    assert classifier_score_of_splits(logits, 4, shuffle_seed=1, images_in_order=True) != result
    at_random = classifier_score_of_splits(logits, 4)
    assert at_random == classifier_score_of_splits(logits[::-1], 4, seed=0) != result
    assert at_random != classifier_score_of_splits(logits, 4, shuffle_seed=1)


def test_classes_that_never_occur_add_nothing():
    result = classifier_score_of_splits(5000.0 * np.tile(np.eye(4)[:2], (20, 1)), 10, images_in_order=True)
    assert (result.mean, result.std) == (pytest.approx(2.0, rel=1e-9), pytest.approx(0.0, abs=1e-9))


def test_fewer_images_than_parts_are_refused():
    with pytest.raises(ValueError, match="of_splits.num_splits: expected 1 to 9, the number of images, got 10"):
        classifier_score_of_splits(np.zeros((9, 3)))
    with pytest.raises(ValueError, match="classifier_score_of_splits.num_splits: expected 1 to 9, .* got 0"):
        classifier_score_of_splits(np.zeros((9, 3)), 0)
