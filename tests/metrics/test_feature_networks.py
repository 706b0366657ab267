import urllib.error

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_hub

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.metrics import feature_networks, tfgan_eval
from compare_gan2.metrics.feature_networks import FeatureNetwork, feature_network

POOLED = 13 * 13 * 3  # 299 = 13 * 23


def stand_in_weights(width, seed):
    return np.random.RandomState(seed).normal(size=(POOLED, width)).astype(np.float32)


class StandInInception(tf.Module):
    """The signature of the published Inception over a fixed random projection of the 23x23-averaged image."""

    def __init__(self, outputs=("logits", "pool_3"), widths=(1008, 2048)):
        super().__init__()
        self.kernels = [tf.Variable(stand_in_weights(width, seed)) for seed, width in enumerate(widths)]
        self.outputs = outputs

    def project(self, images):
        pooled = tf.reshape(tf.nn.avg_pool2d(images, 23, 23, "VALID"), [-1, POOLED])
        return {name: pooled @ kernel for name, kernel in zip(self.outputs, self.kernels, strict=True)}

    @tf.function(input_signature=[tf.TensorSpec([None, 299, 299, 3], tf.float32)])
    def __call__(self, images):
        return self.project(images)


class SignatureOnly(StandInInception):
    """Cannot be called once loaded, as a SavedModel of TensorFlow 1."""

    __call__ = None

    @tf.function(input_signature=[tf.TensorSpec([None, 299, 299, 3], tf.float32, name="images")])
    def serve(self, images):
        return self.project(images)


@pytest.fixture(scope="module")
def inception_directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("inception")
    tf.saved_model.save(StandInInception(), str(directory))
    return str(directory)


def expected_outputs(images):
    """NumPy's account of preparation and stand-in: TensorFlow 1's bilinear resizing has source = target * in / out."""
    images = np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images

    def weights(size):
        source = np.arange(299) * size / 299
        low = np.floor(source).astype(int)
        matrix = np.zeros((299, size))
        np.add.at(matrix, (np.arange(299), low), 1 - (source - low))
        np.add.at(matrix, (np.arange(299), np.minimum(low + 1, size - 1)), source - low)
        return matrix

    rows = np.einsum("yh,nhwc->nywc", weights(images.shape[1]), 255.0 * images, optimize=True)
    resized = np.einsum("xw,nywc->nyxc", weights(images.shape[2]), rows, optimize=True)
    prepared = (resized - 128.0) / 128.0
    pooled = prepared.reshape(-1, 13, 23, 13, 23, 3).mean(axis=(2, 4)).reshape(-1, POOLED)
    return pooled @ stand_in_weights(2048, 1), pooled @ stand_in_weights(1008, 0)


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


def test_preparation_is_tensorflow_1s(inception_directory):
    images = np.random.RandomState(4).uniform(size=(2, 17, 33, 3)).astype(np.float32)
    resized = tf.compat.v1.image.resize_bilinear(images * 255, [299, 299])
    np.testing.assert_allclose(feature_networks.inception_input(images), (resized - 128) / 128, atol=1e-6)
    black_to_white = feature_networks.inception_input(np.array([0.0, 1.0], np.float32).reshape(2, 1, 1, 1))
    assert np.unique(black_to_white[0]) == [-1.0]
    assert np.unique(black_to_white[1]) == [127 / 128]


def test_inception_with_only_a_signature(tmp_path):
    module = SignatureOnly()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": module.serve})
    images = np.random.RandomState(5).uniform(size=(2, 32, 32, 3)).astype(np.float32)
    features, _ = feature_network("inception_tfgan", str(tmp_path)).features_and_logits(images)
    np.testing.assert_allclose(features, expected_outputs(images)[0], atol=1e-3)


def test_handle_goes_to_tensorflow_hub(monkeypatch):
    asked = []
    monkeypatch.setattr(tensorflow_hub, "load", lambda handle: asked.append(handle) or StandInInception())
    assert feature_network().num_features == 2048
    feature_network(path="https://example.com/inception/1")
    assert asked == [tfgan_eval.load().INCEPTION_TFHUB, "https://example.com/inception/1"]


def assert_names_option_expectation_and_way_to_get_it(message):
    assert message.startswith("feature_network.path: cannot use")
    assert "logits [N, 1008] and pool_3 [N, 2048]" in message
    assert "tensorflow_hub.resolve(" in message
    assert "\n" not in message


def test_no_network_is_one_clear_error(monkeypatch):
    def unreachable(handle):
        raise urllib.error.URLError("Temporary failure in name resolution")

    monkeypatch.setattr(tensorflow_hub, "load", unreachable)
    with pytest.raises(ConfigError, match="Temporary failure in name resolution") as caught:
        feature_network("inception_tfgan")
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))


def test_directory_that_is_missing_or_empty_is_one_clear_error(tmp_path):
    with pytest.raises(ConfigError, match="no such directory") as caught:
        feature_network("inception_tfgan", str(tmp_path / "absent"))
    assert_names_option_expectation_and_way_to_get_it(str(caught.value))
    with pytest.raises(ConfigError, match="SavedModel file does not exist") as caught:
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
    with pytest.raises(ConfigError, match="inception_tfgan"):
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
    configuration.parse([], ["feature_network.name = 'digits'"])
    assert isinstance(configuration.build(feature_network), FeatureNetwork)
    configuration.parse([], [f"feature_network.path = '{inception_directory}'"])
    assert configuration.build(feature_network).name == "inception_tfgan"
    configuration.parse([], ["feature_network.name = 'inception'"])
    with pytest.raises(ConfigError, match="feature_network.name: expected one of 'digits', 'inception_tfgan'"):
        configuration.build(feature_network)
    configuration.parse([], [])
