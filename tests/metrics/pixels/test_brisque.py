import numpy as np
import pytest

from compare_gan2.metrics.pixels.brisque import brisque
from compare_gan2.metrics.pixels.brisque_features import brisque_features
from compare_gan2.metrics.pixels.brisque_model import BrisqueModel

NEAR = np.full((1, 36), 0.2)
MODEL = BrisqueModel("one vector", NEAR, np.array([-10.0]), -30.0, 0.05, np.full(36, -2.0), np.full(36, 10.0))


def test_score_per_image_with_mean_spread_and_model():
    images = np.random.RandomState(0).random_sample((5, 24, 24, 3)) * np.linspace(0.2, 1, 5)[:, None, None, None]
    result = brisque(images, MODEL)
    scaled = -1 + (brisque_features(images) + 2) / 6
    expected = 30 - 10 * np.exp(-0.05 * np.sum((scaled - 0.2) ** 2, axis=1))
    assert result.per_image == pytest.approx(expected, rel=1e-9)
    assert (result.mean, result.std) == (pytest.approx(expected.mean()), pytest.approx(expected.std()))
    assert result.std > 0 and result.model == "one vector"
