import numpy as np
import pytest

from compare_gan2.metrics.classifier_score import classifier_score


def test_certain_and_even_predictions_score_the_number_of_classes():
    assert classifier_score(1000.0 * np.tile(np.eye(4), (5, 1))) == pytest.approx(4.0, rel=1e-9)


def test_equal_predictions_score_one():
    assert classifier_score(np.tile([[1.0, 2.0, 3.0]], (6, 1))) == pytest.approx(1.0, rel=1e-9)


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
