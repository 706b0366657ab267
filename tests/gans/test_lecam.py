import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import Gan, filled

from compare_gan2.gans.batch import Batch
from compare_gan2.gans.lecam import LeCam
from compare_gan2.gans.regularizers import Update
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import Moment, StepRandom, TrainStep


class Outputs:
    def __init__(self, logits):
        self.logits = tf.constant(logits, tf.float32)[:, None]


def terms(regularizer, rows, steps=None):
    """[value of the term, real anchor, fake anchor] after each batch of (real, fake) logits."""
    regularizer.build()
    found = []
    for number, (real, fake) in enumerate(rows):
        batch = Batch(None, None, None, None, Moment(number if steps is None else steps[number]))
        (term,) = regularizer.discriminator_terms(Update(None, batch, None, Outputs(real), Outputs(fake)))
        assert term.tag == "loss/lecam" and term.weight == regularizer.weight
        found.append([float(term.value), *(float(variable) for variable in regularizer.variables.values())])
    return np.array(found)


ROWS = [([1.0, 3.0], [-1.0, 0.0]), ([2.0, 2.0], [1.0, -1.0]), ([4.0, 0.0], [0.0, 2.0])]


def test_anchors_follow_the_mean_logits_and_the_term_comes_after_the_start():
    found = terms(LeCam(decay=0.75, start_step=1), ROWS)
    np.testing.assert_allclose(found[:, 1], [2.0, 0.75 * 2.0 + 0.25 * 2.0, 0.75 * 2.0 + 0.25 * 2.0])
    fakes = [-0.5, 0.75 * -0.5, 0.75 * 0.75 * -0.5 + 0.25]
    np.testing.assert_allclose(found[:, 2], fakes, rtol=1e-6)
    expected = np.mean(np.maximum(np.array([4.0, 0.0]) - fakes[2], 0) ** 2)
    expected += np.mean(np.maximum(2.0 - np.array([0.0, 2.0]), 0) ** 2)
    assert found[:2, 0].tolist() == [0, 0] and found[2, 0] == pytest.approx(expected, rel=1e-6)


def test_without_a_start_the_first_batch_sets_the_anchors_unless_they_have_a_value():
    np.testing.assert_allclose(terms(LeCam(decay=0.5, start_step=0), ROWS[:1])[0, 1:], [2.0, -0.5])
    found = terms(LeCam(decay=0.5, start_step=0, initial_anchor=1000.0), ROWS[:1])
    np.testing.assert_allclose(found[0, 1:], [501.0, 499.75])


def test_corrected_averages_are_means_of_all_batches_so_far():
    regularizer = LeCam(decay=0.5, bias_corrected=True)
    found = terms(regularizer, ROWS)
    assert list(regularizer.variables) == ["lecam/anchor_real", "lecam/anchor_fake", "lecam/anchor_weight"]
    weights = np.array([0.125, 0.25, 0.5])
    np.testing.assert_allclose(found[2, 1] / found[2, 3], weights @ [2.0, 2.0, 2.0] / weights.sum(), rtol=1e-6)
    np.testing.assert_allclose(found[2, 2] / found[2, 3], weights @ [-0.5, 0.0, 1.0] / weights.sum(), rtol=1e-6)


def test_anchors_are_constants():
    real, fake = (tf.Variable([[1.0], [3.0]]) for _ in range(2))
    regularizer = LeCam(start_step=0)
    with tf.GradientTape() as tape:
        values = regularizer.updated([0.0, 0.0], [tf.reduce_mean(real), tf.reduce_mean(fake)], 0)
        loss = tf.add_n(values)
    assert tape.gradient(loss, [real, fake]) == [None, None]


def test_restart():
    regularizer = LeCam(decay=0.5, start_step=0)
    terms(regularizer, ROWS)
    regularizer.restart()
    assert [float(value) for value in regularizer.variables.values()] == [0.0, 0.0]


@pytest.mark.usefixtures("unoptimized")
def test_anchors_are_in_the_checkpoint_and_resume(tmp_path):
    """Four steps equal two, a checkpoint and two more, bit for bit; without the anchors they would not."""
    case = Gan("ModularGAN", ("ModularGAN.regularizers = [@lecam()]", "lecam.start_step = 0", "lecam.decay = 0.5"))

    def made():
        gan = case.make()
        for network in (gan.generator, gan.discriminator):
            filled(network)
        state = TrainState(gan)
        step = TrainStep(gan, state)
        return state, tf.function(lambda batch, number: step((batch,), number, StepRandom(0, number)))

    def take(state, step, count):
        for _ in range(count):
            number = state.current_step()
            step(case.batch(number), tf.constant(number, tf.int64))
            state.count_step()
        return {name: variable.numpy() for name, variable in state.variables().items()}

    whole = take(*made(), 4)
    state, step = made()
    take(state, step, 2)
    Checkpoints(tmp_path, state, keep=1).save()
    state, step = made()
    assert Checkpoints(tmp_path, state, keep=1).restore_latest() == 2
    resumed = take(state, step, 2)
    assert {"lecam/anchor_real", "lecam/anchor_fake"} <= set(whole)
    for name, value in whole.items():
        np.testing.assert_array_equal(resumed[name], value, err_msg=name)
    state, step = made()
    Checkpoints(tmp_path, state, keep=1).restore_latest()
    state.gan.regularizers[0].restart()
    assert any(np.any(value != whole[name]) for name, value in take(state, step, 2).items())


@pytest.mark.parametrize("given", [{"weight": -0.1}, {"decay": 1.0}, {"start_step": -1}, {"initial_anchor": "no"}])
def test_options_out_of_range(given):
    (name,) = given
    with pytest.raises(ConfigError, match=f"lecam.{name}: expected"):
        LeCam(**given)
