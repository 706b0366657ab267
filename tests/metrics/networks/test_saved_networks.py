"""Networks of one's own: SavedModels and `.keras` files by path."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.ground import trust
from compare_gan2.ground.errors import ConfigError
from compare_gan2.metrics.networks.feature_networks import feature_network

WEIGHTS = np.random.RandomState(0).normal(size=(3, 5)).astype(np.float32)


class MeanColour(tf.Module):
    """Mean colour [N, 3] as features, five linear logits of it."""

    def __init__(self, shape, outputs=("features", "logits")):
        super().__init__()
        self.weights = tf.Variable(WEIGHTS)
        self.outputs = outputs
        self.run = tf.function(self.run, input_signature=[tf.TensorSpec(shape, tf.float32, name="images")])

    def run(self, images):
        colour = tf.reduce_mean(images, [1, 2])
        return dict(zip(self.outputs, (colour, colour @ self.weights), strict=True))

    def __call__(self, images):
        return self.run(images)


def saved(module, folder):
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.run})
    return str(folder)


def images(height=8, width=8, channels=3):
    return np.random.RandomState(1).uniform(size=(4, height, width, channels)).astype(np.float32)


def test_saved_model_of_one_size(tmp_path):
    path = saved(MeanColour([None, 8, 8, 3]), tmp_path)
    network = feature_network("saved_model", path)
    assert (network.name, network.num_features, network.num_logits, network.resize) == ("saved_model", 3, 5, "none")
    features, logits = network.features_and_logits(images())
    np.testing.assert_allclose(features, images().mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(logits, images().mean(axis=(1, 2)) @ WEIGHTS, rtol=1e-4, atol=1e-6)
    with pytest.raises(ConfigError, match=r"'saved_model' takes images of shape \(8, 8, 3\), got \(9, 8, 3\)"):
        network.features_and_logits(images(9))
    resized = feature_network("saved_model", path, "tf2_bilinear").features_and_logits(images(16, 16))[0]
    np.testing.assert_allclose(resized, tf.image.resize(images(16, 16), [8, 8]).numpy().mean(axis=(1, 2)), rtol=1e-5)


def test_a_saved_model_says_that_it_can_execute_code(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "_named", set())
    path = saved(MeanColour([None, 8, 8, 3]), tmp_path)
    with pytest.warns(
        UserWarning, match=f"{path} is a SavedModel, which can execute code .*sha256 (?P<sum>[0-9a-f]{{64}})"
    ):
        network = feature_network("saved_model", path)
    assert trust._named == {network.checksum}  # what the scores' protocol names, too
    monkeypatch.setattr(trust, "_named", set())
    with warnings.catch_warnings(), trust.trusting(True):
        warnings.simplefilter("error")
        feature_network("saved_model", path)


def test_a_keras_file_with_code_is_refused(tmp_path):
    path = str(tmp_path / "code.keras")
    layer = keras.layers.Lambda(lambda x: x, output_shape=(8, 8, 3))
    keras.Sequential([keras.Input((8, 8, 3)), layer]).save(path)
    with pytest.raises(ConfigError, match="cannot use .*code.keras.*holds a Lambda, which can execute code"):
        feature_network("saved_model", path)


@pytest.mark.parametrize(("input_range", "low", "high"), [("-1_1", -1, 1), ("0_255", 0, 255)])
def test_range_of_the_input(tmp_path, input_range, low, high):
    network = feature_network("saved_model", saved(MeanColour([None, 8, 8, 3]), tmp_path), input_range=input_range)
    assert network.name == f"saved_model[{input_range}]"  # part of the protocol of its scores
    features, _ = network.features_and_logits(images())
    np.testing.assert_allclose(features, low + (high - low) * images().mean(axis=(1, 2)), rtol=1e-4, atol=1e-5)


def test_any_size_and_other_names(tmp_path):
    path = saved(MeanColour([None, None, None, 3], ("embedding", "scores")), tmp_path)
    network = feature_network("saved_model", path, features_output="embedding", logits_output="scores")
    for size in (8, 13):
        features, logits = network.features_and_logits(images(size, size))
        np.testing.assert_allclose(features, images(size, size).mean(axis=(1, 2)), rtol=1e-5)
        assert logits.shape == (4, 5)
    grey, _ = network.features_and_logits(images(channels=1))
    np.testing.assert_allclose(grey, np.repeat(images(channels=1).mean(axis=(1, 2)), 3, axis=1), rtol=1e-5)
    with pytest.raises(ConfigError, match="feature_network.resize: .* takes images of any size"):
        feature_network("saved_model", path, "clean", features_output="embedding", logits_output="scores")


def keras_model(outputs):
    inputs = keras.Input((8, 8, 3))
    pooled = keras.layers.GlobalAveragePooling2D(name="features")(inputs)
    logits = keras.layers.Dense(5, use_bias=False, name="logits")(pooled)
    model = keras.Model(inputs, {"pooled": pooled, "both": [pooled, logits], "dict": {"features": pooled}}[outputs])
    if outputs == "both":
        model.get_layer("logits").set_weights([WEIGHTS])
    return model


@pytest.mark.parametrize(("outputs", "num_logits"), [("pooled", 0), ("both", 5), ("dict", 0)])
def test_keras_file(tmp_path, outputs, num_logits):
    path = str(tmp_path / "model.keras")
    keras_model(outputs).save(path)
    network = feature_network("saved_model", path)
    assert (network.num_features, network.num_logits) == (3, num_logits)
    features, logits = network.features_and_logits(images())
    np.testing.assert_allclose(features, images().mean(axis=(1, 2)), rtol=1e-5)
    assert logits.shape == (4, num_logits)
    if num_logits:
        np.testing.assert_allclose(logits, images().mean(axis=(1, 2)) @ WEIGHTS, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("absent.keras", "there is no such file"),
        ("absent", "there is no such directory"),
        ("text.keras", "cannot use .*text.keras"),
    ],
)
def test_what_is_no_network_is_refused_in_one_line(tmp_path, name, problem):
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(ConfigError, match=problem) as caught:
        feature_network("saved_model", str(tmp_path / name))
    message = str(caught.value)
    assert message.startswith("feature_network.path: cannot use") and "\n" not in message
    assert "'features'" in message


def test_missing_output_missing_signature_and_missing_path_are_refused(tmp_path):
    path = saved(MeanColour([None, 8, 8, 3], ("a", "b")), tmp_path / "other")
    with pytest.raises(ConfigError, match=r"it has no output 'features', only \['a', 'b'\]"):
        feature_network("saved_model", path)
    tf.saved_model.save(tf.Module(), str(tmp_path / "empty"))
    with pytest.raises(ConfigError, match="can neither be called nor has it a signature 'serving_default'"):
        feature_network("saved_model", str(tmp_path / "empty"))
    with pytest.raises(ConfigError, match="feature_network.path: 'saved_model' needs the directory"):
        feature_network("saved_model")
