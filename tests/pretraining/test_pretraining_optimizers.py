import keras
import numpy as np
import pytest

from compare_gan2.pretraining.optimizers import LearningRate, make_optimizer
from compare_gan2.pretraining.options import PretrainOptions
from compare_gan2.pretraining.weight_decay import decay_in_loss


def rates(**options):
    rate = LearningRate(PretrainOptions("rotation", 10, learning_rate=0.4, warmup_steps=4, **options))
    return [float(rate(step)) for step in range(10)]


def test_the_learning_rate_warms_up_and_steps_down():
    expected = [0.1, 0.2, 0.3, 0.4, 0.4, 0.4, 0.2, 0.2, 0.1, 0.1]
    assert rates(decay_steps=[6, 8], decay_factor=0.5) == pytest.approx(expected)


def test_the_learning_rate_warms_up_and_follows_a_cosine():
    found = rates(schedule="cosine", last_learning_rate=0.04, decay_steps=[5])
    assert found[:5] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4])
    assert found[9] == pytest.approx(0.04) and np.all(np.diff(found[4:]) < 0)


def after_a_step_without_gradient(optimizer):
    """(kernel, bias), both 1 before."""
    variables = [keras.Variable(np.ones([2, 2], np.float32), name=name) for name in ("kernel", "bias")]
    options = PretrainOptions("rotation", 10, optimizer=optimizer, learning_rate=0.5, weight_decay=0.1)
    made = make_optimizer(options, variables)
    made.apply([np.zeros([2, 2], np.float32)] * 2, variables)
    return [float(variable.numpy()[0, 0]) for variable in variables], float(decay_in_loss(options, variables))


@pytest.mark.parametrize(
    "optimizer, kernel, in_loss",
    [("sgd", 1.0, 0.1 * 4 / 2), ("adamw", 1 - 0.5 * 0.1, 0.0), ("lars", 1 - 0.5 * (0.001 * 2 / 0.2) * 0.1, 0.0)],
)
def test_kernels_alone_decay_in_one_place(optimizer, kernel, in_loss):
    values, term = after_a_step_without_gradient(optimizer)
    assert values == pytest.approx([kernel, 1.0]) and term == pytest.approx(in_loss)
