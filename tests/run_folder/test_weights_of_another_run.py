"""Weights of another run: what fits is taken, what does not is listed, and what is not there is refused."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import Gan, filled

from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.run_folder.start_weights import take_weights
from compare_gan2.training.state import TrainState

CASE = Gan("ModularGAN", ("ModularGAN.conditional = True", "ModularGAN.g_use_ema = True"))


def state_of(case, value=None):
    gan = case.make()
    if value is not None:
        for network in (gan.generator, gan.discriminator):
            filled(network)
    state = TrainState(gan)
    if value is not None:
        for shadow in state.ema.shadows:
            shadow.assign(tf.fill(shadow.shape, value))
        state.step.assign(30)
        state.g_optimizer.iterations.assign(30)
    return state


def saved(folder, case=CASE):
    state = state_of(case, 0.25)
    Checkpoints(folder, state, 5).save()
    return state


def test_networks_and_average_are_taken_and_nothing_else(tmp_path):
    given, started, new = saved(tmp_path), state_of(CASE), state_of(CASE)
    text = take_weights(tmp_path, started)
    assert text == f"starts from {tmp_path / 'model.ckpt-30'}: {len(_of_networks(started))} variables taken"
    for name, variable in started.variables().items():
        expected = given if name in _of_networks(started) else new
        np.testing.assert_array_equal(variable, expected.variables()[name], err_msg=name)
    assert started.current_step() == 0 and not started.gan.needs_initialization
    again = state_of(CASE)
    assert take_weights(str(tmp_path / "model.ckpt-30"), again) == text


def _of_networks(state):
    return {name for name in state.variables() if name.startswith(("generator/", "discriminator/"))}


def test_other_classes_leave_their_embeddings_as_they_were(tmp_path):
    given = saved(tmp_path)
    more = Gan("ModularGAN", CASE.bindings, num_classes=5)
    started, new = state_of(more), state_of(more)
    text = take_weights(tmp_path, started)
    left = [name for name in _of_networks(started) if started.variables()[name].shape != given.variables()[name].shape]
    assert left
    for name, variable in started.variables().items():
        if name.removesuffix("/ExponentialMovingAverage") in left:
            np.testing.assert_array_equal(variable, new.variables()[name], err_msg=name)
            assert name.endswith("Average") or f"{name} ({list(variable.shape)} here, " in text
    assert f"{len(left)} start as in a new run" in text


def test_a_run_without_an_average_gives_its_weights_to_the_average(tmp_path):
    saved_from = Gan("ModularGAN", ("ModularGAN.conditional = True",))
    given = saved_from.make()
    filled(given.generator)
    state = TrainState(given)
    Checkpoints(tmp_path, state, 5).save()
    started = state_of(CASE)
    take_weights(tmp_path, started)
    for shadow, variable in zip(started.ema.shadows, given.generator.trainable_variables, strict=True):
        np.testing.assert_array_equal(shadow, variable)


@pytest.mark.parametrize("name", ["", "model.ckpt-7", "nowhere"])
def test_a_checkpoint_that_is_not_there(tmp_path, name):
    (tmp_path / "run").mkdir()
    with pytest.raises(ConfigError, match="run_config.start_from: expected the folder of a run, or a checkpoint in it"):
        take_weights(tmp_path / "run" / name, state_of(CASE))


def test_damage_and_other_networks(tmp_path):
    saved(tmp_path)
    other = Gan("ModularGAN", ("options.architecture = 'dcgan_arch'", "dcgan.Generator.ch = 2"), num_classes=None)
    with pytest.raises(ConfigError, match="run_config.start_from: no variable of .* has the name and the shape"):
        take_weights(tmp_path, state_of(other))
    (data,) = tmp_path.glob("*.data-*")
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(ConfigError, match="run_config.start_from: .* is damaged"):
        take_weights(tmp_path, state_of(CASE))
