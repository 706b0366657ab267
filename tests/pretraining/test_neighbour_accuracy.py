import numpy as np
import pytest
from support import tiny_pretraining

from compare_gan2.pretraining.features import Features
from compare_gan2.pretraining.neighbours import NeighbourLog, neighbour_accuracy
from compare_gan2.run_folder.training_log import TrainingLog


def features(rows, labels):
    return Features(np.array(rows, np.float32), None, np.array(labels))


def test_direction_decides_and_unlabelled_images_do_not_count():
    train = features([[1, 0], [0.1, 9], [5, 1], [1, 1]], [3, 1, 3, -1])
    test = features([[9, 0], [0, 0.1], [1, 1]], [3, 1, -1])
    assert neighbour_accuracy(train, test) == 1.0
    assert neighbour_accuracy(train, features([[9, 0], [0, 0.1]], [1, 1])) == 0.5


def test_near_neighbours_outvote_many_far_ones():
    train = features([[1, 0.01]] + [[0.5, 0.5]] * 19, [0] + [1] * 19)
    assert neighbour_accuracy(train, features([[1, 0]], [0])) == 1.0


@pytest.fixture
def log(tmp_path):
    model = tiny_pretraining.self_supervised_model("simclr")
    return NeighbourLog(model, tiny_pretraining.dataset(), np.arange(60), tmp_path / "neighbours.csv")


def test_a_row_for_each_checkpoint_and_none_after_a_resumed_one(log, tmp_path):
    log.record(2)
    log.record(4)
    rows = TrainingLog(tmp_path / "neighbours.csv", every_step=False).read()
    assert rows["step"].tolist() == [2, 4] and 0 <= rows["neighbour_accuracy"].min() <= 1
    log.resume(2)
    assert TrainingLog(tmp_path / "neighbours.csv", every_step=False).read()["step"].tolist() == [2]


def test_a_checkpoint_that_was_not_measured_is_measured_on_resuming(log, tmp_path):
    log.record(2)
    log.resume(4)
    log.resume(4)
    assert TrainingLog(tmp_path / "neighbours.csv", every_step=False).read()["step"].tolist() == [2, 4]


def test_a_checkpoint_between_the_regular_ones_is_not_measured(log, tmp_path):
    log.record(2)
    log.resume(3)  # saved when the run was stopped
    assert TrainingLog(tmp_path / "neighbours.csv", every_step=False).read()["step"].tolist() == [2]
