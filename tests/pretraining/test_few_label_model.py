"""Tasks that learn from labelled and unlabelled images: they learn, and resume with the same bits."""

import numpy as np
import pytest
from support import tiny_pretraining

from compare_gan2.pretraining import features
from compare_gan2.pretraining.options import FEW_LABEL_TASKS
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.run_folder.training_log import TrainingLog

DATA = tiny_pretraining.dataset(0.2)
NAMES = ("loss/total", "loss/class", "loss/unlabelled")


def trained(folder, task="fixmatch", **bindings):
    """(model, {name: value of the whole state}) after training in a folder."""
    extractor = tiny_pretraining.extractor(folder, task, DATA, folder, **bindings)
    model = extractor._model()
    state = PretrainState(model)
    pretrain(tiny_pretraining.strategy(), model, state, DATA, folder)
    return model, {name: variable.numpy() for name, variable in state.variables().items()}


@pytest.mark.parametrize(
    "task, bindings",
    [
        ("flexmatch", {"few_labels__threshold": 0.2, "few_labels__alignment": "'uniform'"}),
        ("fixmatch", {"few_labels__temperature": 0.5, "few_labels__alignment": "'moving'"}),
        ("mean_teacher", {"few_labels__rampup_steps": 4}),
        ("mixmatch", {"few_labels__alignment": "'labelled'", "few_labels__alignment_batches": 2}),
    ],
)
def test_a_run_that_stopped_in_between_ends_with_the_same_bits(tmp_path, task, bindings):
    _, whole = trained(tmp_path / "whole", task, **bindings)
    trained(tmp_path / "parts", task, pretrain__training_steps=2, **bindings)
    _, parts = trained(tmp_path / "parts", task, **bindings)
    assert whole.keys() == parts.keys() and any(name.startswith("teacher/") for name in whole)
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)
    assert (tmp_path / "whole/training.csv").read_bytes() == (tmp_path / "parts/training.csv").read_bytes()


@pytest.mark.parametrize("task", FEW_LABEL_TASKS)
def test_classes_are_learned(tmp_path, task):
    options = {"few_labels__threshold": 0.6, "few_labels__teacher_decay": 0.9, "few_labels__unlabelled_weight": 1.0}
    model, _ = trained(tmp_path, task, pretrain__training_steps=60, few_labels__rampup_steps=20, **options)
    log = TrainingLog(tmp_path / "training.csv").read()
    assert all(name in log for name in NAMES)
    assert log["loss/class"][-5:].mean() < 0.7 * log["loss/class"][:5].mean()
    assert features.class_accuracy(features.extract(model, DATA, "test")) > 0.6
