import numpy as np
import pytest

from compare_gan2.metrics.classification.classification_accuracy import classification_accuracy


def clouds(seed, per_class=40, spread=1.0):
    random = np.random.RandomState(seed)
    labels = np.tile([0, 1, 4], per_class)
    centres = np.zeros((5, 6))
    centres[[0, 1, 4], [0, 1, 2]] = 6.0
    return centres[labels] + spread * random.normal(size=(len(labels), 6)), labels


def test_what_was_generated_right_teaches_the_classes():
    result = classification_accuracy(*clouds(0), *clouds(1))
    assert result.accuracy > 0.98 and result.per_class.keys() == {0, 1, 4}
    assert result.accuracy == pytest.approx(np.mean(list(result.per_class.values())))
    assert classification_accuracy(*clouds(0), *clouds(1)) == result


def test_classes_generated_for_each_other_lose_their_images():
    features, labels = clouds(1)
    result = classification_accuracy(*clouds(0), features, np.array([4, 1, 2, 3, 0])[labels])
    assert result.per_class[1] > 0.95 > 0.05 > max(result.per_class[0], result.per_class[4])


def test_scales_of_features_do_not_matter():
    (real, real_labels), (fake, fake_labels) = clouds(0, spread=4.0), clouds(1, spread=4.0)
    scales = 10.0 ** np.arange(-3, 3)
    plain = classification_accuracy(real, real_labels, fake, fake_labels)
    assert classification_accuracy(scales * real, real_labels, scales * fake, fake_labels).accuracy == plain.accuracy


def test_classes_that_were_not_generated_are_refused():
    (real, real_labels), (fake, fake_labels) = clouds(0), clouds(1)
    with pytest.raises(ValueError, match="got 2 classes, without class 4"):
        classification_accuracy(real, real_labels, fake, np.minimum(fake_labels, 1))
    with pytest.raises(ValueError, match="got 1 classes, without class any other"):
        classification_accuracy(real, 0 * real_labels, fake, 0 * fake_labels)


def test_training_that_does_not_end_is_refused():
    with pytest.raises(ValueError, match="did not converge in classification_accuracy.max_iterations = 2"):
        classification_accuracy(*clouds(0, spread=4.0), *clouds(1, spread=4.0), max_iterations=2)
