"""The features of a run of `pretrain` as a feature network."""

import json
import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.metrics.networks.feature_networks import feature_network


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A finished extractor of 8x8 grey images, in a folder."""
    extractor = tiny_pretraining.extractor(None, "s2l", folder=tmp_path_factory.mktemp("extractor") / "run")
    extractor.train()
    return extractor


def images(*shape, seed=0):
    return np.random.RandomState(seed).uniform(size=shape).astype(np.float32)


def test_features_are_those_that_the_extractor_computes(trained):
    network = feature_network("pretrained", str(trained.folder))
    given = images(5, 8, 8, 1)
    features, logits = network.features_and_logits(given)
    expected, _ = trained.restored().infer(tf.constant(given))
    np.testing.assert_allclose(features, expected, rtol=0, atol=1e-6)
    assert features.std() > 0 and logits.shape == (5, 0)
    assert (network.name, network.num_features, network.num_logits) == ("pretrained", features.shape[1], 0)
    assert network.resize == "none" and network.renames_distances and network.classifies is None


def test_the_checksum_is_that_of_the_weights(trained, tmp_path):
    shutil.copytree(trained.folder, tmp_path / "copy")
    other = tiny_pretraining.extractor(None, "s2l", folder=tmp_path / "other", pretrain__seed=1)
    other.train()
    folders = (trained.folder, tmp_path / "copy", other.folder)
    first, copy, different = (feature_network("pretrained", str(folder)).checksum for folder in folders)
    assert first == copy != different and len(first) == 64


def test_computes_in_full_precision_whatever_the_run_trains_in(trained):
    given = images(3, 8, 8, 1)
    expected = feature_network("pretrained", str(trained.folder)).features_and_logits(given)[0]
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = feature_network("pretrained", str(trained.folder)).features_and_logits(given)[0]
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(found, expected)


def test_images_of_another_size_are_refused_or_resized_as_bound(trained):
    network = feature_network("pretrained", str(trained.folder))
    for shape in ((16, 16, 1), (8, 8, 3)):
        with pytest.raises(ConfigError) as caught:
            network.features_and_logits(images(2, *shape))
        text = str(caught.value)
        assert text.startswith(f"feature_network.name: 'pretrained' takes images of shape (8, 8, 1), got {shape};")
        assert str(trained.folder) in text and "feature_network.resize = 'clean'" in text and "\n" not in text
    resized = feature_network("pretrained", str(trained.folder), "clean")
    assert resized.resize == "clean"
    given = images(2, 16, 16, 1)
    by_hand = feature_network("pretrained", str(trained.folder)).features_and_logits(
        np.asarray(tf.clip_by_value(tf.image.resize(given, [8, 8], "bicubic", antialias=True), 0.0, 1.0))
    )[0]
    np.testing.assert_allclose(resized.features_and_logits(given)[0], by_hand, atol=1e-3)
    with pytest.raises(ConfigError, match="takes images with 1 channel, got shape"):
        resized.check_image_shape((16, 16, 3))


def test_a_folder_that_holds_none_is_one_message(tmp_path, trained):
    with pytest.raises(ConfigError, match="'pretrained' needs the folder of a run of 'compare_gan2 pretrain'"):
        feature_network("pretrained")
    with pytest.raises(ConfigError, match="expected the folder of a run of 'compare_gan2 pretrain'.*holds no inputs.j"):
        feature_network("pretrained", str(tmp_path))
    shutil.copytree(trained.folder, tmp_path / "unfinished")
    for path in (tmp_path / "unfinished").glob("model.ckpt-4*"):
        path.unlink()
    with pytest.raises(ConfigError, match="holds no finished pre-training: model.ckpt-4: .*finishes it"):
        feature_network("pretrained", str(tmp_path / "unfinished"))


def test_a_damaged_one_has_to_be_trained_again(tmp_path, trained):
    shutil.copytree(trained.folder, tmp_path / "damaged")
    (weights,) = (tmp_path / "damaged").glob("model.ckpt-4.data*")
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ConfigError, match="holds no finished pre-training: model.ckpt-4: .*Train it again in another"):
        feature_network("pretrained", str(tmp_path / "damaged"))


def test_without_its_name_the_name_is_told(trained):
    with pytest.raises(
        ConfigError, match="feature_network.path: .* Expected feature_network.name = 'pretrained' beside"
    ):
        feature_network(path=str(trained.folder))


@pytest.mark.parametrize(
    "change",
    [
        {"image_shape": [8, 8]},
        {"image_shape": None},
        {"resnet_v2": {"width": -1}},
        {"pretrain": {}},
        {"resnet_v2": {"x": 1}},
    ],
)
def test_a_damaged_record_is_named(tmp_path, trained, change):
    (tmp_path / "inputs.json").write_text(json.dumps(trained.inputs | change))
    with pytest.raises(DamagedFileError, match="inputs.json: expected the record of a feature extractor"):
        feature_network("pretrained", str(tmp_path))
