"""Path length regularisation: the gradient it measures, its average over the steps, and the steps that have it."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import Gan

from compare_gan2.gans.path_length import path_lengths
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

CASE = Gan(
    "ModularGAN",
    (
        *("options.architecture = 'stylegan2_arch'", "stylegan2.Discriminator.project_y = False"),
        *("stylegan2.Generator.w_dim = 8", "stylegan2.Generator.mapping_layers = 1"),
        *("stylegan2.Generator.channel_max = 4", "stylegan2.Discriminator.channel_max = 4"),
        *("ModularGAN.regularizers = [@path_length()]", "path_length.every = 2", "path_length.decay = 0.25"),
    ),
    num_classes=None,
)


def test_a_length_is_the_slope_along_w():
    generator = CASE.make().generator
    w = tf.random.stateless_normal([3, 8], [0, 1])
    noise = tf.random.stateless_normal([3, 8, 8, 3], [2, 3])
    found = path_lengths(generator, [w] * generator.num_ws, noise).numpy()
    squares = np.zeros(3)
    for i in range(generator.num_ws):
        for j in range(8):
            moved = [w + 1e-2 * sign * tf.one_hot(j, 8) for sign in (1, -1)]
            images = [
                generator.synthesize([m if k == i else w for k in range(generator.num_ws)]).numpy() for m in moved
            ]
            slope = ((images[0] - images[1]) / 2e-2 * noise.numpy()).sum((1, 2, 3)) / 8
            squares += slope**2
    np.testing.assert_allclose(found, np.sqrt(squares / generator.num_ws), rtol=2e-2)


def test_the_average_moves_in_every_second_step():
    gan = CASE.make()
    state = TrainState(gan)
    step = TrainStep(gan, state)
    found = []
    for number in range(3):
        scalars = step((CASE.batch(number),), tf.constant(number, tf.int64), StepRandom(0, number))
        found.append((float(scalars["loss/path_length"]), float(state.variables()["path_length/mean"])))
    assert found[1] == (0.0, found[0][1]) and found[0][0] > 0 and found[2][0] > 0
    # At first it is a quarter of the mean length, from which each length differs by about three quarters of it.
    assert 0 < found[0][1] < np.sqrt(found[0][0]) and found[2][1] > found[0][1]


def test_a_batch_in_parts_is_refused():
    gan = CASE.make()
    with pytest.raises(ValueError, match="run_config.accumulate_steps: expected 1 with .*path_length"):
        gan.check_batch(1, 2)
