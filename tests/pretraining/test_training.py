import numpy as np
import pytest
from support import tiny_pretraining

from compare_gan2.ground.errors import TrainingFailed
from compare_gan2.pretraining import features
from compare_gan2.pretraining.tasks import PretrainModel
from compare_gan2.pretraining.training import PretrainState, pretrain
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.training import loop

DATA = tiny_pretraining.dataset()


def trained(folder, task="s2l", **bindings):
    model = PretrainModel(*tiny_pretraining.options(task, **bindings), (8, 8, 1), 3)
    state = PretrainState(model)
    pretrain(tiny_pretraining.strategy(), model, state, DATA, folder)
    return model, {name: variable.numpy() for name, variable in state.variables().items()}


def test_a_run_that_stopped_in_between_ends_with_the_same_bits(tmp_path):
    _, whole = trained(tmp_path / "whole")
    trained(tmp_path / "parts", pretrain__training_steps=2)
    _, parts = trained(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    assert all(np.array_equal(whole[name], parts[name]) for name in whole)
    assert (tmp_path / "whole/training.csv").read_bytes() == (tmp_path / "parts/training.csv").read_bytes()


def test_rotations_and_classes_are_learned(tmp_path):
    model, _ = trained(tmp_path, pretrain__training_steps=80, pretrain__max_shift=0, pretrain__rotated_class_loss=False)
    log = TrainingLog(tmp_path / "training.csv").read()
    assert log["loss/class"][-5:].mean() < 0.5 * log["loss/class"][:5].mean()
    assert log["accuracy/rotation"][-5:].mean() > 0.8
    found = features.extract(model, DATA, "test")
    assert features.class_accuracy(found) > 0.8
    assert features.rotation_accuracy(model, DATA, "test", 20) > 0.8
    chosen = np.arange(5, 55, 2)
    some, whole = features.extract(model, DATA, "train", chosen), features.extract(model, DATA, "train")
    np.testing.assert_allclose(some.features, whole.features[chosen], atol=1e-5)
    assert np.array_equal(some.labels, DATA.source.training_labels()[chosen])
    assert features.linear_probe_accuracy(some, found) > 0.8
    assert model.infer.experimental_get_tracing_count() == 1  # of three sizes of batches


def test_a_loss_that_is_not_finite_stops_before_it_is_saved(tmp_path):
    with pytest.raises(TrainingFailed, match="loss/.* is .* at step"):
        trained(tmp_path, pretrain__learning_rate=1e30, pretrain__training_steps=8, pretrain__save_checkpoints_steps=8)
    assert not list(tmp_path.glob("model.ckpt-*"))


def test_weights_that_are_not_finite_are_not_saved(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "require_finite", lambda *_: None)  # as if the losses were
    with pytest.raises(TrainingFailed, match="is no longer finite at step 4"):
        trained(tmp_path, pretrain__learning_rate=1e30, pretrain__save_checkpoints_steps=4)
    assert not list(tmp_path.glob("model.ckpt-*"))
