"""The two sides of an evaluation: a model is compared with the data that it was trained with, or with none."""

import types

import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.evaluation.comparison import Comparison
from compare_gan2.evaluation.given_images import GivenImages
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder import dataset_record


def write_arrays(path, seed):
    images = np.random.default_rng(seed).integers(0, 256, [20, 4, 4, 1], dtype=np.uint8)
    np.savez(path, images=images, labels=np.arange(20) % 2, test_images=images[:6], test_labels=np.arange(6) % 2)


def test_data_that_changed_since_training_are_refused(tmp_path):
    path = tmp_path / "data.npz"
    write_arrays(path, 0)
    images = GivenImages(parse([], [f"arrays.path = '{path}'"]))
    gan = types.SimpleNamespace(image_shape=(4, 4, 1), num_classes=2)
    checkpoint = types.SimpleNamespace(name="model.ckpt-1")
    sampler = types.SimpleNamespace(
        dataset_name="arrays",
        gan=gan,
        checkpoint=checkpoint,
        labels_are_classes=True,
        dataset=dataset_record.of_dataset(images.dataset("arrays")),
    )
    comparison = Comparison(None, None, images, sampler=sampler)
    assert (comparison.real.count, comparison.classes) == (6, "by number")
    assert comparison.train(whole=True).count == 20
    write_arrays(path, 1)
    changed = "^--model_dir: the data are not those that the run was trained with: {} images changed"
    with pytest.raises(ConfigError, match=changed.format("test")):
        Comparison(None, None, images, sampler=sampler)
    with pytest.raises(ConfigError, match=changed.format("train")):
        comparison.train(whole=True)
    assert Comparison(None, "arrays", images, sampler=sampler).real.count == 6  # named again
    sampler.dataset = dataset_record.DatasetRecord("arrays", (4, 4, 1), 2)  # of an older version
    assert Comparison(None, None, images, sampler=sampler).real.count == 6
