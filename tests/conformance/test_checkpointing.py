"""All variables reach a checkpoint under their own names and come back from it bit by bit."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import EACH_ARCHITECTURE, GANS, LAYERS, NETWORKS

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.run_folder.checkpoints import Checkpoints, load_generator
from compare_gan2.training.state import TrainState


def saved_variables(path):
    return [name for name, _ in tf.train.list_variables(str(path)) if name.endswith("VARIABLE_VALUE")]


def assert_restored(variables, folder):
    """Saves, changes and restores a {name: variable}."""
    before = {name: variable.numpy() for name, variable in variables.items()}
    checkpoint = tf.train.Checkpoint(**variables)
    path = checkpoint.write(str(folder / "weights"))
    assert len(saved_variables(path)) == len(variables)
    for variable in variables.values():
        variable.assign(tf.zeros_like(variable) + tf.cast(7, variable.dtype))
    checkpoint.read(path).assert_consumed()
    for name, variable in variables.items():
        np.testing.assert_array_equal(variable, before[name], err_msg=name)


@pytest.mark.parametrize("name", LAYERS)
def test_layer(name, tmp_path):
    layer = LAYERS[name].built()
    variables = {variable.path: variable.value for variable in layer.variables}
    assert len(variables) == len(layer.variables)
    assert_restored(variables, tmp_path)


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_generator_with_plain_and_averaged_weights(name, tmp_path):
    case = NETWORKS[name]
    source, other = case.generator(), case.generator()
    weights = {v.path: v.value for v in source.variables}
    averaged = {f"{v.path}/ExponentialMovingAverage": tf.Variable(v + 1.0) for v in source.trainable_variables}
    path = tf.train.Checkpoint(**weights, **averaged).write(str(checkpoint_path(tmp_path, 3)))
    assert len(saved_variables(path)) == len(source.variables) + len(source.trainable_variables)
    for use_ema in (False, True):
        for variable in other.variables:
            variable.assign(tf.zeros_like(variable))
        load_generator(checkpoint_path(tmp_path, 3), other, use_ema)
        for a, b in zip(other.variables, source.variables, strict=True):
            np.testing.assert_array_equal(a, b + 1.0 if use_ema and b.trainable else b, err_msg=b.path)


def nested_variables(layer):
    """Variables found by walking attributes, lists and dicts: a count that does not rest on Keras' own tracking."""
    found, stack, seen = {}, [layer], set()
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, keras.Variable):
            found[id(value)] = value
        elif isinstance(value, keras.layers.Layer):
            stack += [v for key, v in vars(value).items() if key != "_layers"]
        elif isinstance(value, dict):
            stack += list(value.values())
        elif isinstance(value, (list, tuple)):
            stack += list(value)
    return {id(v): v for v in found.values() if "seed_generator" not in v.path}.values()


@pytest.mark.parametrize("name", EACH_ARCHITECTURE)
def test_no_variable_of_a_network_is_overlooked(name):
    for network in NETWORKS[name].make():
        assert sorted(v.path for v in network.variables) == sorted(v.path for v in nested_variables(network))


@pytest.mark.parametrize("name", GANS)
def test_gan(name, tmp_path):
    gan = GANS[name].make()
    state = TrainState(gan)
    networks = sum(len(part.variables) for part in (gan.generator, gan.discriminator, *gan.heads))
    trained = [gan.generator.trainable_variables, gan.discriminator_variables]
    # Adam: two slots for each trained variable, a count and a learning rate for each of the two.
    optimizers = sum(2 * len(variables) + 2 for variables in trained)
    averages = len(trained[0]) if gan.g_use_ema else 0
    variables = state.variables()
    remembered = sum(len(regularizer.variables) for regularizer in gan.regularizers)
    assert remembered == (2 if name == "s3gan_over_batch" else 0)  # LeCam's anchors
    assert len(variables) == networks + optimizers + averages + remembered + 2
    assert_restored(variables, tmp_path)


def test_checkpoints_move_between_one_device_and_two_replicas(tmp_path):
    strategy, _ = get_strategy()

    def made(seed, mirrored):
        with strategy.scope() if mirrored else contextlib.nullcontext():
            gan = GANS["s3gan"].make(num_replicas=2)
            state = TrainState(gan)
        state.step.assign(seed)
        for number, (name, variable) in enumerate(state.variables().items()):
            if "global_step" not in name and variable.dtype.is_floating:
                variable.assign(np.random.RandomState([seed, number]).standard_normal(variable.shape))
        return state

    for first_is_mirrored in (True, False):
        folder = tmp_path / str(first_is_mirrored)
        saved, restored = made(5, first_is_mirrored), made(6, not first_is_mirrored)
        Checkpoints(folder, saved, keep=1).save()
        assert Checkpoints(folder, restored, keep=1).restore_latest() == 5
        copies = restored.variables()
        for name, variable in saved.variables().items():
            np.testing.assert_array_equal(variable.numpy(), copies[name].numpy(), err_msg=name)
            for copy in strategy.experimental_local_results(copies[name]):
                np.testing.assert_array_equal(copy.numpy(), variable.numpy(), err_msg=name)
