import dataclasses

import numpy as np
import pytest
from support.brisque_goldens import PICTURES, of_golden

from compare_gan2.metrics.pixels import brisque_model
from compare_gan2.metrics.pixels.brisque import brisque
from compare_gan2.metrics.pixels.brisque_features import FEATURES, brisque_features
from compare_gan2.metrics.pixels.brisque_half_scale import HALF_SCALES
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
    assert result.standard_error == pytest.approx(expected.std(ddof=1) / 5**0.5)
    assert brisque(images[:1], MODEL).standard_error is None


def test_features_are_those_of_the_model_or_the_given_ones():
    images = of_golden("coffee", "image")[None]
    of_package = dataclasses.replace(MODEL, features="package")
    assert brisque(images, of_package).mean == brisque(images, MODEL, "package", "bicubic").mean
    assert brisque(images, MODEL).mean == brisque(images, of_package, "release", "antialiased_bicubic").mean
    ways = [(kind, half_scale) for kind in FEATURES for half_scale in HALF_SCALES]
    assert len({brisque(images, MODEL, *way).mean for way in ways}) == 6


@pytest.mark.parametrize("picture", PICTURES)
def test_scores_of_the_package(picture, brisque_package):
    found = brisque(of_golden(picture, "image")[None], brisque_model.of_installed_package())
    assert found.mean == pytest.approx(of_golden(picture, "of_brisque/score"), abs=1e-6)


def test_noise_and_blocks_raise_the_score(brisque_package):
    model = brisque_model.of_installed_package()
    image = of_golden("astronaut", "image")
    noise = np.random.RandomState(0).normal(size=image.shape)
    noisy = [np.uint8(np.clip(image + strength * noise, 0, 255)) for strength in (0, 10, 25, 50)]
    found = brisque(np.stack(noisy), model).per_image
    assert np.all(np.diff(found) > 3)
    blocks = image[::8, ::8].repeat(8, axis=0).repeat(8, axis=1)
    assert brisque(blocks[None], model).mean > found[0] + 20
