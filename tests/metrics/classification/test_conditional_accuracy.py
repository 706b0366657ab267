import numpy as np
import pytest

from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy

LOGITS = np.array([[3.0, 1.0, 2.0], [-5.0, -1.0, -2.0], [0.0, 1.0, 2.0], [9.0, 8.0, 7.0]])  # classes 0, 1, 2, 0


def test_fraction_of_agreement():
    assert conditional_accuracy(LOGITS, [0, 1, 2, 0]) == 1.0
    assert conditional_accuracy(LOGITS, np.array([0, 1, 2, 1], np.int32)) == 0.75
    assert conditional_accuracy(LOGITS, [1, 2, 0, 2]) == 0.0
    assert isinstance(conditional_accuracy(LOGITS, [0, 0, 0, 0]), float)


@pytest.mark.parametrize("labels", [[0, 1, 2, -1], [0, 1, 3, 0]])
def test_labels_outside_the_classes_are_refused(labels):
    with pytest.raises(ValueError, match=rf"expected labels in 0..2, got {min(labels)}..{max(labels)}"):
        conditional_accuracy(LOGITS, labels)


@pytest.mark.parametrize("labels", [[0, 1, 2], [[0], [1], [2], [0]], [0.0, 1.0, 2.0, 0.0]])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(ValueError, match="expected 4 integer labels"):
        conditional_accuracy(LOGITS, labels)


def test_logits_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="logits: 4 of 4 rows hold NaN"):
        conditional_accuracy(np.full((4, 3), np.nan), [0, 1, 2, 0])
