"""Features of the images that a run was trained on."""

import types

import numpy as np
import pytest

from compare_gan2.evaluation.drawn_images import chosen_images
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.load import load
from compare_gan2.runs.training_images import training_images


def test_training_images_of_a_run(trained, tmp_path):
    model = load(trained.files.path)
    found = training_images(model, network="digits", num_real=70, cache_dir=tmp_path)
    assert found.features.shape == (70, 64) and found.held_out.shape == (100, 64)  # made up
    images = found.images([69, 3])
    stored, _ = next(iter(trained.data.dataset.batches("train", 100, 100)))
    chosen = chosen_images(70, 100, "", 0)
    assert len(chosen) == 70 and chosen[69] > 69  # drawn, not the first 70
    np.testing.assert_allclose(images[69], stored[chosen[69]], atol=1e-6)
    np.testing.assert_allclose(found.features_of(np.stack([images[69], images[3]])), found.features[[69, 3]], atol=1e-3)
    assert found.features_of(model.sample(2)).shape == (2, 64)
    with pytest.raises(ConfigError, match="num_real: expected at most 100, the training images of mnist_5k"):
        training_images(model, network="digits", num_real=10**6, cache_dir=tmp_path)


def test_saved_networks_name_no_images():
    with pytest.raises(ConfigError, match="neighbours: expected a run, which names its training images"):
        training_images(types.SimpleNamespace(sampler=types.SimpleNamespace()))
