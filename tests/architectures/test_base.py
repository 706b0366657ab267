"""How networks are called, and that one which was only called is saved whole."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.architectures import dcgan, resnet_biggan
from compare_gan2.layers.normalization import ConditionalBatchNorm

LATENTS, LABELS = tf.random.stateless_normal([3, 8], [0, 0]), tf.one_hot([0, 2, -1], 3)


def generator():
    return resnet_biggan.Generator((32, 32, 3), ch=2, batch_norm_fn=ConditionalBatchNorm)


def test_inputs_by_position_by_name_and_in_a_dictionary():
    network = generator()
    expected = network(LATENTS, LABELS)
    assert np.std(expected - network(LATENTS, tf.one_hot([1, 1, 1], 3))) > 0
    np.testing.assert_array_equal(network(latents=LATENTS, labels=LABELS), expected)
    np.testing.assert_array_equal(network(LATENTS, labels=LABELS), expected)
    np.testing.assert_array_equal(network({"labels": LABELS, "latents": LATENTS}), expected)
    trained = network({"labels": LABELS, "latents": LATENTS}, training=True)
    np.testing.assert_array_equal(trained, network(LATENTS, LABELS, training=True))
    assert np.std(trained - expected) > 0


@pytest.mark.parametrize(
    "named, got",
    [
        ({"images": LATENTS}, r"\['images'\]"),
        ({"labels": LABELS}, r"\['labels'\]"),
        ({"latents": LATENTS, "label": LABELS}, r"\['label', 'latents'\]"),
    ],
)
def test_wrong_names_are_refused(named, got):
    expected = "generator: expected inputs named latents and, if conditional, labels"
    with pytest.raises(ValueError, match=f"{expected}, got {got}"):
        generator()(named)


def test_an_input_given_twice_is_refused():
    with pytest.raises(TypeError, match="multiple values for"):
        generator()({"latents": LATENTS, "labels": LABELS}, labels=LABELS)


@pytest.mark.parametrize("labels", [LABELS, None])
def test_a_network_that_was_only_called_is_saved_whole(labels, tmp_path):
    networks = (
        dcgan.Generator((16, 12, 3), ch=2, batch_norm_fn=ConditionalBatchNorm if labels is not None else None),
        resnet_biggan.Discriminator(ch=2, blocks_with_attention="", project_y=labels is not None),
    )
    images = tf.random.stateless_uniform([3, 32, 32, 3], [0, 0])
    for network, inputs in zip(networks, (LATENTS, images), strict=True):
        expected = network(inputs, labels)
        network.save(tmp_path / "network.keras")
        loaded = keras.saving.load_model(tmp_path / "network.keras")
        assert len(loaded.variables) == len(network.variables) > 0
        for actual, value in zip(tf.nest.flatten(loaded(inputs, labels)), tf.nest.flatten(expected), strict=True):
            np.testing.assert_array_equal(actual, value)


def test_outputs_of_a_discriminator_are_named():
    outputs = dcgan.Discriminator(ch=2).predict(np.zeros([3, 16, 16, 3], np.float32), verbose=0)
    assert outputs._fields == ("probability", "logits", "features")
    np.testing.assert_allclose(outputs.probability, 1 / (1 + np.exp(-outputs.logits)), rtol=1e-5)
