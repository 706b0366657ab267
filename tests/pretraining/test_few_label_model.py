"""Tasks that learn from labelled and unlabelled images: they learn, and resume with the same bits."""

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_pretraining

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.labels.training_labels import with_inferred
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining import features
from compare_gan2.pretraining.few_label_options import FewLabelOptions
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


def test_labels_are_inferred_with_the_average_of_the_weights(tmp_path):
    made = tiny_pretraining.inference(tmp_path, "fixmatch", "hard", DATA, few_labels__threshold=0.5)
    found = with_inferred(made.dataset, made.infer())
    model = made.extractor.restored()
    averages, weights = list(model.average.variables().values()), model.extractor.variables
    assert not np.array_equal(averages[0], weights[0])
    images, _ = next(DATA.batches("train", 60, 60))
    assert np.array_equal(model.average.predict(tf.constant(images))[1].numpy().argmax(axis=1), found.labels)
    assert not list(tmp_path.glob("*/labels-hard-*"))


@pytest.mark.parametrize(
    "bindings, data, message",
    [
        ({"few_labels__teacher_decay": 1.1}, {}, "few_labels.teacher_decay: expected a number from 0 to 1, got 1.1"),
        ({"few_labels__threshold": -0.5}, {}, "few_labels.threshold: expected a number from 0 to 1, got -0.5"),
        ({"few_labels__alignment": "'other'"}, {}, "few_labels.alignment: expected .*uniform.*, got 'other'"),
        ({"pretrain__batch_size": 0}, {}, "pretrain.batch_size: expected a whole number from 1 to .*, got 0"),
        ({}, {"unlabelled": range(1, 60, 3)}, "pretrain.task: fixmatch: expected a labelled image .*such as middle"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, bindings, data, message):
    with pytest.raises(ConfigError, match=message):
        tiny_pretraining.extractor(tmp_path, "fixmatch", tiny_pretraining.dataset(**data), **bindings)
    assert not list(tmp_path.iterdir())


def test_the_views_have_no_default():
    with pytest.raises(ConfigError, match="few_labels.views: no value is given"):
        parse([], ["pretrain.task = 'fixmatch'"]).build(FewLabelOptions)
