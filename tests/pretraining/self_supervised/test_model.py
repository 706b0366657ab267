"""Every self-supervised task: it trains, resumes with the same bits, and does not depend on the number of devices."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.pretraining.self_supervised.methods import METHODS
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.run_folder.training_log import TrainingLog

DATA = tiny_pretraining.dataset()
IMAGES = DATA.test_images(20)[0][:8]


def trained(folder, task, strategy=None, **bindings):
    """{name: array} of the state after pre-training."""
    strategy = strategy or tiny_pretraining.strategy()
    with strategy.scope():
        state = PretrainState(tiny_pretraining.self_supervised_model(task, **bindings))
    pretrain(strategy, state.model, state, DATA, folder)
    found = {}
    for name, variable in state.variables().items():
        first, *others = [copy.numpy() for copy in strategy.experimental_local_results(variable)]
        for other in others:
            np.testing.assert_array_equal(other, first, err_msg=name)
        found[name] = first
    return found


# Those with a state beside the network (queue, teacher, prototypes, center), and each optimizer.
@pytest.mark.parametrize(
    "task, optimizer",
    [*((task, "sgd") for task in ("moco", "byol", "swav", "dino")), ("simclr", "adamw"), ("barlow_twins", "lars")],
)
def test_a_run_that_was_killed_ends_with_the_same_bits(tmp_path, task, optimizer, unoptimized):
    options = {"pretrain__schedule": "'cosine'", "pretrain__optimizer": repr(optimizer)}
    whole = trained(tmp_path / "whole", task, **options)  # saves at the steps 2 and 4
    shutil.copytree(tmp_path / "whole", tmp_path / "parts")
    for path in (tmp_path / "parts").glob("model.ckpt-4*"):
        path.unlink()
    parts = trained(tmp_path / "parts", task, **options)
    assert whole.keys() == parts.keys()
    for name in whole:
        np.testing.assert_array_equal(whole[name], parts[name], err_msg=name)
    assert (tmp_path / "whole/training.csv").read_bytes() == (tmp_path / "parts/training.csv").read_bytes()


# SimSiam gathers nothing; BYOL has all it has.
@pytest.mark.parametrize(
    "task, optimizer", [("vicreg", "lars"), *((task, "sgd") for task in METHODS if task not in ("vicreg", "simsiam"))]
)
def test_two_devices_compute_what_one_does(tmp_path, task, optimizer, unoptimized):
    options = {"pretrain__optimizer": repr(optimizer), "pretrain__training_steps": 2}  # later, rounding has grown
    one = trained(tmp_path / "one", task, **options)
    two = trained(tmp_path / "two", task, get_strategy(False, num_devices=2)[0], **options)
    assert one.keys() == two.keys()
    for name in one:
        scale = max(np.abs(one[name]).max(), 1e-2)
        np.testing.assert_allclose(two[name] / scale, one[name] / scale, atol=2e-3, err_msg=name)
    logs = [TrainingLog(tmp_path / name / "training.csv").read() for name in ("one", "two")]
    for tag in logs[0]:
        np.testing.assert_allclose(logs[1][tag], logs[0][tag], rtol=1e-3, atol=1e-4, err_msg=tag)


@pytest.mark.parametrize("task", METHODS)
def test_every_variable_gets_a_gradient(task):
    model = tiny_pretraining.self_supervised_model(task)
    with tf.GradientTape() as tape:
        loss, scalars = model.loss_of({"images": tf.constant(IMAGES)}, 0)
    variables = model.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    for variable, gradient in zip(variables, gradients, strict=True):
        assert gradient is not None and np.any(gradient.numpy()), variable.path
    assert scalars.keys() == {"loss/total", f"loss/{task}", "features/alignment", "features/uniformity"}
    assert 0 < float(scalars["features/alignment"]) < 4 and float(scalars["features/uniformity"]) < 0
