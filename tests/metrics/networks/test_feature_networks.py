import dataclasses
import hashlib
import re
import shutil
import urllib.error
from typing import get_args

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub
from support.stand_ins import SignatureOnly, StandInInception, expected_outputs

from compare_gan2.config.configuration import parse
from compare_gan2.ground import messages
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks import tfgan_eval
from compare_gan2.metrics.networks.choices import RECOMMENDATION, RECOMMENDED, NetworkName, ResizerName
from compare_gan2.metrics.networks.feature_networks import FeatureNetwork, feature_network
from compare_gan2.metrics.networks.resizers import RESIZERS


@pytest.fixture(scope="module")
def inception_directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("inception")
    tf.saved_model.save(StandInInception(), str(directory))
    return str(directory)


@pytest.mark.parametrize("shape", [(5, 32, 32, 1), (3, 48, 20, 3), (2, 299, 299, 3)])
def test_inception_from_a_local_directory(inception_directory, shape):
    images = np.random.RandomState(3).uniform(size=shape).astype(np.float32)
    network = feature_network("inception_tfgan", inception_directory)
    assert (network.name, network.num_features, network.num_logits) == ("inception_tfgan", 2048, 1008)
    features, logits = network.features_and_logits(images, batch_size=2)
    assert (features.shape, features.dtype) == ((shape[0], 2048), np.float32)
    assert (logits.shape, logits.dtype) == ((shape[0], 1008), np.float32)
    expected_features, expected_logits = expected_outputs(images)
    np.testing.assert_allclose(features, expected_features, atol=1e-3)
    np.testing.assert_allclose(logits, expected_logits, atol=1e-3)
    assert np.abs(expected_features).max() > 1  # the tolerance means something


def test_inception_with_only_a_signature(tmp_path):
    module = SignatureOnly()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.serve})
    images = np.random.RandomState(5).uniform(size=(2, 32, 32, 3)).astype(np.float32)
    features, _ = feature_network("inception_tfgan", str(tmp_path)).features_and_logits(images)
    np.testing.assert_allclose(features, expected_outputs(images)[0], atol=1e-3)


def test_handle_goes_to_tensorflow_hub(monkeypatch, inception_directory):
    asked = []
    monkeypatch.setattr(tensorflow_hub, "resolve", lambda handle: asked.append(handle) or inception_directory)
    assert feature_network("inception_tfgan").num_features == 2048
    feature_network(path="https://example.com/inception/1")
    assert asked == [tfgan_eval.load().INCEPTION_TFHUB, "https://example.com/inception/1"]


def test_a_copy_in_the_cache_of_tensorflow_hub_needs_no_network(monkeypatch, tmp_path, inception_directory):
    handle = "https://example.invalid/inception/1"
    name = hashlib.sha1(handle.encode()).hexdigest()  # as TF-Hub names the folders of its cache
    shutil.copytree(inception_directory, tmp_path / name)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    assert feature_network(path=handle).checksum == feature_network(path=inception_directory).checksum


def test_checksum_differs_for_other_weights(tmp_path, inception_directory):
    other = StandInInception()
    other.kernels[1].assign(other.kernels[1] + 1e-3)
    tf.saved_model.save(other, str(tmp_path / "other"))
    shutil.copytree(inception_directory, tmp_path / "copy")
    (tmp_path / "copy" / "README").write_text("no part of the model")
    paths = (inception_directory, tmp_path / "copy", tmp_path / "other")
    first, copy, other = (feature_network(path=str(path)).checksum for path in paths)
    assert first == copy != other and len(first) == 64


def assert_names_option_expectation_and_way_to_get_it(message):
    assert message.startswith("feature_network.path: cannot use")
    assert "logits [N, 1008] and pool_3 [N, 2048]" in message
    assert "tensorflow_hub.resolve(" in message
    assert "\n" not in message


def test_no_network_is_one_clear_error(monkeypatch):
    def unreachable(handle):
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(tensorflow_hub, "resolve", unreachable)
    with pytest.raises(ConfigError, match="Temporary failure in name resolution") as caught:
        feature_network("inception_tfgan")
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))
    assert str(caught.value).endswith(f"Or {RECOMMENDATION}")


def test_a_download_is_said_before_it_begins(monkeypatch, tmp_path, capsys, inception_directory):
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tensorflow_hub, "resolve", lambda handle: inception_directory)
    with messages.shown(True):
        feature_network("inception_tfgan")
        feature_network("inception_tfgan", inception_directory)
    lines = [line for line in "".join(capsys.readouterr()).splitlines() if "downloads" in line]
    assert len(lines) == 1 and "'inception_tfgan' are not on this machine: downloads about 90 MB to" in lines[0]


def test_names_that_parsers_list_are_those_that_there_are():
    assert set(get_args(ResizerName)) == RESIZERS.keys()
    for name in get_args(NetworkName):
        with pytest.raises(ConfigError, match="feature_network"):  # of the path, not of the name
            feature_network(name, path="absent")
    assert RECOMMENDED in get_args(NetworkName)


def test_directory_that_is_missing_or_empty_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError, match="no such directory") as caught:
        feature_network("inception_tfgan", str(tmp_path / "absent"))
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))
    with pytest.raises(ConfigError, match="saved_model.pb") as caught:
        feature_network("inception_tfgan", str(tmp_path))
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (StandInInception(outputs=("logits", "features")), r"no output 'pool_3', only \['features', 'logits'\]"),
        (StandInInception(widths=(1000, 2048)), "output 'logits' has 1000 numbers per image, not 1008"),
        (tf.Module(), "can neither be called nor has it a signature 'serving_default'"),
    ],
)
def test_other_networks_are_refused(tmp_path, module, problem):
    tf.saved_model.save(module, str(tmp_path))
    with pytest.raises(ConfigError, match=problem) as caught:
        feature_network("inception_tfgan", str(tmp_path))
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))


@pytest.fixture(scope="module")
def digit_network():
    return feature_network("digits")


def test_digits_do_not_depend_on_the_batch_size(digit_network):
    images = np.random.RandomState(6).uniform(size=(7, 32, 32, 1)).astype(np.float32)
    features, logits = digit_network.features_and_logits(images)
    assert (features.shape, logits.shape) == ((7, 64), (7, 10))
    for batch_size in (1, 3, 7):
        found_features, found_logits = digit_network.features_and_logits(images, batch_size)
        np.testing.assert_allclose(found_features, features, atol=1e-5)
        np.testing.assert_allclose(found_logits, logits, atol=1e-5)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 1)])
def test_digits_refuse_other_images(digit_network, shape):
    with pytest.raises(ConfigError, match=r"feature_network.name: 'digits' takes images of shape \(32, 32, 1\), got"):
        digit_network.features_and_logits(np.zeros((2, *shape), np.float32))
    with pytest.raises(ConfigError, match=re.escape(f"for other images {RECOMMENDATION}")):
        digit_network.check_image_shape(shape)
    digit_network.check_image_shape([32, 32, 1])


def test_inception_refuses_other_channels(inception_directory):
    with pytest.raises(ConfigError, match="1 or 3 channels, got shape"):
        feature_network("inception_tfgan", inception_directory).check_image_shape((32, 32, 4))


def test_digits_take_no_path(tmp_path):
    with pytest.raises(ConfigError, match="feature_network.path: 'digits' ships with the package"):
        feature_network("digits", str(tmp_path))


@pytest.mark.parametrize(
    ("value", "text"),
    [(np.nan, "NaN"), (1.5, "values from 0.0 to 1.5"), (-0.5, "values from -0.5 to 0.0"), (np.inf, ".* to inf")],
)
def test_values_outside_the_range_are_refused(digit_network, value, text):
    images = np.zeros((6, 32, 32, 1), np.float32)
    images[4:, 10, 10, 0] = value
    with pytest.raises(ValueError, match=rf"2 of 6 are not, the first is image 4 with {text}"):
        digit_network.features_and_logits(images)


@pytest.mark.parametrize(
    "images", [np.zeros((2, 32, 32, 1), np.uint8), np.zeros((32, 32, 1), np.float32), np.zeros((0, 32, 32, 1))]
)
def test_arrays_that_are_no_images_are_refused(digit_network, images):
    with pytest.raises(ValueError, match="expected floating-point images"):
        digit_network.features_and_logits(images)


def test_chosen_by_gin(inception_directory):
    assert isinstance(parse([], ["feature_network.name = 'digits'"]).build(feature_network), FeatureNetwork)
    config = parse([], [f"feature_network.path = '{inception_directory}'"])
    assert config.build(feature_network).name == "inception_tfgan"
    with pytest.raises(ConfigError, match="feature_network.name: expected one of 'digits', 'fashion', 'ince"):
        parse([], ["feature_network.name = 'inception'"]).build(feature_network)


def test_features_that_are_not_finite_are_named(digit_network):
    network = dataclasses.replace(
        digit_network, evaluate=lambda images: (images[:, 0, :1, 0] / 0.0, images[:, 0, :2, 0])
    )
    images = np.zeros((6, 32, 32, 1), np.float32)
    images[:4, 0, 0] = 0.5
    with pytest.raises(ValueError, match="6 of 6 images have features with NaN or infinity, the first is image 0"):
        network.features_and_logits(images)


def test_resizing_is_part_of_the_network(inception_directory, digit_network):
    images = np.random.RandomState(7).uniform(size=(2, 64, 64, 3)).astype(np.float32)
    networks = {name: feature_network("inception_tfgan", inception_directory, name) for name in RESIZERS}
    features = {name: network.features_and_logits(images)[0] for name, network in networks.items()}
    assert {name: network.resize for name, network in networks.items()} == {name: name for name in RESIZERS}
    np.testing.assert_array_equal(
        feature_network("inception_tfgan", inception_directory).features_and_logits(images)[0], features["tf1_bilinear"]
    )
    assert all(np.abs(features["clean"] - features[other]).max() > 0.01 for other in ("tf1_bilinear", "tf2_bilinear"))
    assert digit_network.resize == "none"
    with pytest.raises(
        ConfigError, match="feature_network.resize: 'digits' takes images of its own size only, got 'cl"
    ):
        feature_network("digits", resize="clean")
