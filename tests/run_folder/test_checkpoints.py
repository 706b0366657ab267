"""Checkpoints by their step: saved whole, restored from the newest that is whole, read variable by variable."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS
from support.counted_state import CountedState, saved_at

from compare_gan2.ground.errors import CheckpointError, ConfigError
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps, regular_steps
from compare_gan2.run_folder.checkpoints import Checkpoints, damage_of, load_generator, load_network
from compare_gan2.training.state import TrainState


@pytest.fixture
def folder(tmp_path):
    """Folder with checkpoints of the steps 0, 3 and 6."""
    saved_at(Checkpoints(tmp_path, CountedState(), keep=9), [0, 3, 6])
    return tmp_path


def data_of(folder, step):
    return folder / f"model.ckpt-{step}.data-00000-of-00001"


def index_of(folder, step):
    return folder / f"model.ckpt-{step}.index"


def flip(folder, step):
    """Changes one byte, which only the checksums show."""
    content = bytearray(data_of(folder, step).read_bytes())
    content[len(content) // 2] ^= 1
    data_of(folder, step).write_bytes(content)


def cut(folder, step):
    data_of(folder, step).write_bytes(data_of(folder, step).read_bytes()[:3])


def drop_data(folder, step):
    data_of(folder, step).unlink()


def drop_index(folder, step):
    index_of(folder, step).unlink()


def cut_index(folder, step):
    index_of(folder, step).write_bytes(index_of(folder, step).read_bytes()[:100])


DAMAGES = [flip, cut, drop_data, drop_index, cut_index]


def test_steps_and_paths(folder):
    assert checkpoint_steps(folder) == [0, 3, 6]
    assert checkpoint_path(folder, 3) == folder / "model.ckpt-3"
    assert [damage_of(checkpoint_path(folder, step)) for step in (0, 3, 6)] == [None] * 3
    assert checkpoint_steps(folder / "missing") == []


def test_the_newest_one_is_restored(folder):
    state = CountedState()
    assert Checkpoints(folder, state, keep=9).restore_latest() == 6
    assert state.current_step() == 6 and float(state.weight[0]) == 6.0
    Checkpoints(folder, state, keep=9).restore(3)
    assert state.current_step() == 3 and float(state.weight[0]) == 3.0


def test_an_empty_folder_has_nothing_to_restore(tmp_path):
    assert Checkpoints(tmp_path, CountedState(), keep=1).restore_latest() is None
    assert Checkpoints(tmp_path / "missing", CountedState(), keep=1).restore_latest() is None
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_named_and_the_one_before_it_restored(damage, folder, caplog):
    damage(folder, 6)
    state = CountedState()
    checkpoints = Checkpoints(folder, state, keep=9)
    assert checkpoints.restore_latest() == 3
    assert state.current_step() == 3
    assert f"checkpoint {folder}/model.ckpt-6 is damaged (" in caplog.text
    assert "using the one before it" in caplog.text
    caplog.clear()
    damage(folder, 3)
    assert checkpoints.restore_latest() == 0
    assert f"{folder}/model.ckpt-6" in caplog.text and f"{folder}/model.ckpt-3" in caplog.text


@pytest.mark.parametrize("damage", [flip, cut, cut_index])
def test_none_that_can_be_read_is_an_error(damage, folder):
    for step in (0, 3, 6):
        damage(folder, step)
    with pytest.raises(ConfigError, match=f"none of the checkpoints in {folder} can be read; move them away"):
        Checkpoints(folder, CountedState(), keep=9).restore_latest()


def test_a_kill_while_the_first_one_is_saved_is_no_damage(folder):
    for step in (3, 6):
        drop_index(folder, step)
        drop_data(folder, step)
    drop_index(folder, 0)
    left_over = folder / "model.ckpt-0_temp" / "part-00000-of-00001.index"
    left_over.parent.mkdir()
    left_over.write_text("half")
    assert Checkpoints(folder, CountedState(), keep=9).restore_latest() is None
    assert not left_over.parent.exists()


def test_other_variables_are_refused(folder):
    for state in (CountedState(width=2), WithMore()):
        with pytest.raises(CheckpointError, match="model.ckpt-6: holds other variables than this configuration has"):
            Checkpoints(folder, state, keep=9).restore_latest()


class WithMore(CountedState):
    def variables(self):
        return super().variables() | {"more": tf.Variable(0.0)}


def test_a_checkpoint_under_another_step_is_refused(folder):
    for path in folder.glob("model.ckpt-6.*"):
        path.rename(folder / path.name.replace("-6", "-7"))
    with pytest.raises(CheckpointError, match="model.ckpt-7: holds step 6"):
        Checkpoints(folder, CountedState(), keep=9).restore_latest()


def test_a_worker_without_the_chiefs_folder_is_refused(folder):
    with pytest.raises(ConfigError, match="the chief resumes from step 9, .* a file system that all workers share"):
        Checkpoints(folder, CountedState(), keep=9).restore(9)


def test_the_checkpoint_file_names_what_is_left(folder):
    saved_at(Checkpoints(folder, CountedState(), keep=2), [9])
    assert checkpoint_steps(folder) == [6, 9]
    found = tf.train.get_checkpoint_state(folder)
    assert [path.rpartition("-")[2] for path in found.all_model_checkpoint_paths] == ["6", "9"]
    assert tf.train.latest_checkpoint(folder) == str(checkpoint_path(folder, 9))


@pytest.fixture
def gan_with_state(tmp_path):
    """(`ModularGAN`, path of its checkpoint) whose averages are the weights plus one."""
    gan = GANS["s3gan"].make()
    state = TrainState(gan)
    for shadow, variable in zip(state.ema.shadows, gan.generator.trainable_variables, strict=True):
        shadow.assign(variable + 1.0)
    return gan, Checkpoints(tmp_path, state, keep=1).save()


@pytest.mark.parametrize("use_ema", [False, True])
def test_a_generator_is_read_with_plain_or_averaged_weights(use_ema, gan_with_state):
    gan, path = gan_with_state
    other = GANS["s3gan"].make().generator
    load_generator(path, other, use_ema)
    for read, written in zip(other.variables, gan.generator.variables, strict=True):
        expected = written + 1.0 if use_ema and written.trainable else written
        np.testing.assert_array_equal(read, expected, err_msg=written.path)


def test_discriminator_and_heads_are_read_as_they_are(gan_with_state):
    gan, path = gan_with_state
    other = GANS["s3gan"].make()
    for part, written in zip((other.discriminator, *other.heads), (gan.discriminator, *gan.heads), strict=True):
        load_network(path, part)
        for variable, value in zip(part.variables, written.variables, strict=True):
            np.testing.assert_array_equal(variable, value, err_msg=value.path)


def test_a_missing_variable_is_named(gan_with_state, tmp_path):
    _, path = gan_with_state
    other = GANS["modular_weight_norm"].make()
    with pytest.raises(CheckpointError, match="model.ckpt-0: holds no variable generator/fc_noise/"):
        load_network(path, other.generator)
    path = Checkpoints(tmp_path / "without", TrainState(other), keep=1).save()
    with pytest.raises(CheckpointError, match="holds no variable generator/.*/ExponentialMovingAverage"):
        load_generator(path, other.generator, use_ema=True)


def test_an_extra_checkpoint_leaves_no_traces_after_the_next_regular_one(tmp_path):
    def saved(folder, *steps):
        checkpoints = Checkpoints(folder, CountedState(), keep=2)
        for step, extra in steps:
            if checkpoint_steps(folder):  # as another process would
                checkpoints = Checkpoints(folder, CountedState(), keep=2)
                checkpoints.restore_latest()
            checkpoints.state.step.assign(step)
            checkpoints.save(extra=extra)
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "checkpoint"}

    regular = [(0, False), (5, False), (10, False)]
    whole = saved(tmp_path / "whole", *regular)
    stopped = saved(tmp_path / "stopped", (0, False), (3, True), (4, True), (5, False), (8, True))
    assert regular_steps(tmp_path / "stopped") == {0, 5} and checkpoint_steps(tmp_path / "stopped") == [0, 5, 8]
    assert "model.ckpt-8.extra" in stopped
    assert saved(tmp_path / "stopped", (10, False)) == whole


def test_a_regular_checkpoint_at_the_step_of_an_extra_one_counts(tmp_path):
    checkpoints = Checkpoints(tmp_path, CountedState(), keep=5)
    checkpoints.save()
    checkpoints.state.step.assign(4)
    checkpoints.save(extra=True)
    checkpoints.save()
    assert regular_steps(tmp_path) == {0, 4}
