"""Layers and networks go through Keras' own files and configurations and compute the same afterwards."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import EACH_ARCHITECTURE, LAYERS, NETWORKS, NOT_THE_DEEPEST

from compare_gan2.architectures.base import DiscriminatorOutput

pytestmark = pytest.mark.usefixtures("unoptimized")


def assert_same_weights(first, second):
    assert [v.path.split("/")[1:] for v in first.variables] == [v.path.split("/")[1:] for v in second.variables]
    for a, b in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)
        assert a.trainable == b.trainable


@pytest.mark.parametrize("name", LAYERS)
def test_layer_inside_a_saved_model(name, tmp_path):
    case = LAYERS[name]
    values = [value for value in case.values(3) if value is not None]
    if case.batched:
        inputs = [None if shape is None else keras.Input(shape) for shape in case.inputs]
    else:
        inputs = [keras.Input(batch_shape=shape) for shape in case.inputs]
    layer = case.make()
    model = keras.Model([i for i in inputs if i is not None], layer(*inputs))
    for number, variable in enumerate(model.variables):
        variable.assign(0.5 + np.random.RandomState(number).random_sample(variable.shape))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    for training in (False, True):
        np.testing.assert_array_equal(loaded(values, training=training), model(values, training=training))
    assert_same_weights(loaded, model)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(tmp_path / "exported")
    served = exported.serve(values)
    np.testing.assert_allclose(served, model(values), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", LAYERS)
def test_layer_from_its_configuration(name):
    case = LAYERS[name]
    layer = case.make()
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(copy) is case.layer_class and copy.get_config() == layer.get_config()
    given = {key: value for key, value in case.arguments.items() if not callable(value)}
    for key, value in given.items():
        kept = copy.get_config()[key]
        assert {**kept, **value} == kept if isinstance(value, dict) else kept == value
    for made in (layer, copy):
        made(*case.values(2))
    assert [(v.path, v.shape) for v in copy.variables] == [(v.path, v.shape) for v in layer.variables]


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_network_in_a_file(name, tmp_path):
    case = NETWORKS[name]
    latents, images, labels = case.values(4)
    for network, inputs in zip(case.make(), (latents, images), strict=True):
        path = tmp_path / f"{network.name}.keras"
        network.save(path)
        loaded = keras.saving.load_model(path)
        assert type(loaded) is type(network) and loaded.get_config() == network.get_config()
        assert_same_weights(loaded, network)
        check_predictions(loaded, inputs, labels)
        for training in (False, True):
            outputs = [tf.nest.flatten(n(inputs, labels, training=training)) for n in (loaded, network)]
            for actual, expected in zip(*outputs, strict=True):
                np.testing.assert_array_equal(actual, expected)


def check_predictions(network, inputs, labels):
    """`predict` takes named inputs, or those of an unconditional network alone, and gives what a call gives."""
    named = {network.input_name: inputs.numpy()}
    if labels is not None:
        named["labels"] = labels.numpy()
    expected = network(inputs, labels)
    for given in [named] if labels is not None else [named, inputs.numpy()]:
        predicted = network.predict(given, batch_size=2, verbose=0)
        assert type(predicted) is (DiscriminatorOutput if network.input_name == "images" else np.ndarray)
        for actual, value in zip(tf.nest.flatten(predicted), tf.nest.flatten(expected), strict=True):
            np.testing.assert_allclose(actual, value, rtol=1e-4, atol=1e-5 * max(1.0, np.max(np.abs(value))))


@pytest.mark.parametrize("name", NOT_THE_DEEPEST)
def test_network_as_a_saved_model(name, tmp_path):
    case = NETWORKS[name]
    latents, images, labels = case.values(3)
    for network, inputs in zip(case.make(), (latents, images), strict=True):
        network.export(tmp_path / network.name, verbose=False)
        arguments = [value for value in (inputs, labels) if value is not None]
        exported = tf.saved_model.load(tmp_path / network.name)
        served = tf.nest.flatten(exported.serve(*arguments))
        for actual, expected in zip(served, tf.nest.flatten(network(inputs, labels)), strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5 * max(1.0, np.max(np.abs(expected))))


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_counts_and_summary(name):
    for network in NETWORKS[name].make():
        assert network.count_params() == sum(v.shape.num_elements() for v in network.variables)
        lines = []
        network.summary(print_fn=lines.append)
        total, trainable = (
            re.search(rf"{kind} params: *([\d,]+)", "\n".join(lines)).group(1).replace(",", "")
            for kind in ("Total", "Trainable")
        )
        assert int(total) == network.count_params()
        assert int(trainable) == sum(v.shape.num_elements() for v in network.trainable_variables)
