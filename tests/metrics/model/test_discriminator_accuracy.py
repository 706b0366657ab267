import numpy as np
import pytest

from compare_gan2.metrics.model.discriminator_accuracy import DiscriminatorAccuracy, discriminator_accuracy


def test_fractions_and_their_gap():
    result = discriminator_accuracy([1.0, 2.0, 0.0, -0.5], np.array([[0.1], [-0.1]]), [-1.0, -2.0, -3.0, 0.0, 4.0])
    assert result == DiscriminatorAccuracy(train=0.75, test=0.5, fake=0.6, gap=0.25)


@pytest.mark.parametrize("shape", [(0,), (3, 2), (2, 1, 1), ()])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="test logits: expected one per image"):
        discriminator_accuracy([1.0], np.zeros(shape), [1.0])


def test_logits_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="fake logits: 2 of 3 are NaN or infinity, the first is that of image 1"):
        discriminator_accuracy([1.0], [1.0], [0.0, np.nan, np.inf])
