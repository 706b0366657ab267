import csv
import json

import pytest
from support import tiny_run
from support.tiny_pretraining import dataset, extractor

from compare_gan2.ground.errors import ConfigError, DamagedFileError


def checkpoints(folder):
    return sorted(folder.glob("model.ckpt-*"))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Folder of extractors that holds one that reads labels."""
    folder = tmp_path_factory.mktemp("extractors")
    extractor(folder, "supervised").train()
    return folder


def test_it_is_trained_and_measured_once(done):
    made = extractor(done, "supervised")
    assert set(made.train()) == {"class_accuracy", "linear_probe_accuracy"}
    before = tiny_run.snapshot(done)
    assert extractor(done, "supervised").train() == made.train()
    assert tiny_run.snapshot(done) == before


def test_images_whose_label_it_reads_are_listed(done):
    made = extractor(done, "supervised")
    with open(made.folder / "labelled_images.csv", newline="") as file:
        listed = {int(row["index"]): int(row["label"]) for row in csv.DictReader(file)}
    assert len(listed) == made.labels_used == 30
    assert all(made.dataset.labels[index] == label for index, label in listed.items())
    assert made.description == "supervised with 30 labels"


def test_a_task_without_labels_uses_and_lists_none(tmp_path):
    made = extractor(tmp_path, "rotation", pretrain__training_steps=1)
    assert made.description == "rotation with 0 labels"
    assert set(made.train()) == {"rotation_accuracy", "linear_probe_accuracy"}
    assert not (made.folder / "labelled_images.csv").exists()


def test_a_self_supervised_task_reports_its_neighbours_at_each_checkpoint(tmp_path):
    made = extractor(tmp_path, "simclr")
    assert made.description == "simclr with 0 labels"
    assert set(made.train()) == {"neighbour_accuracy", "linear_probe_accuracy"}
    with open(made.folder / "neighbours.csv", newline="") as file:
        rows = {int(row["step"]): float(row["neighbour_accuracy"]) for row in csv.DictReader(file)}
    assert rows.keys() == {2, 4}
    assert rows[4] == pytest.approx(made.train()["neighbour_accuracy"])
    assert made.restored().infer(made.dataset.test_images(3)[0])[0].shape == (3, 8)


def test_features_of_images_without_labels_are_not_measured(tmp_path, caplog):
    made = extractor(tmp_path, "simclr", dataset(fraction=1.0, unlabelled=range(80)), pretrain__training_steps=1)
    caplog.set_level("INFO")
    assert made.train() == {} and not (made.folder / "neighbours.csv").exists()
    assert "pre-training: no labels to measure the features with" in caplog.text


def test_without_its_checkpoints_it_is_trained_again_with_the_same_bits(done):
    made, before = extractor(done, "supervised"), {}
    for path in checkpoints(made.folder):
        before[path.name] = path.read_bytes()
        path.unlink()
    values, log = made.train(), (made.folder / "training.csv").read_bytes()
    assert {path.name for path in checkpoints(made.folder)} == before.keys()
    data = next(name for name in before if "-4.data" in name)
    assert (made.folder / data).read_bytes() == before[data]
    assert log.count(b"\n") == 5
    assert extractor(done, "supervised").train() == values


def test_another_number_of_probe_images_measures_again_and_trains_nothing(done):
    made = extractor(done, "supervised", pretrain__probe_images=9)
    before = {path: path.stat().st_mtime_ns for path in checkpoints(made.folder)}
    made.train()
    assert json.loads((made.folder / "accuracy.json").read_text())["probe_images"] == 9
    assert {path: path.stat().st_mtime_ns for path in checkpoints(made.folder)} == before


def test_a_damaged_file_of_accuracies_is_named(done):
    made = extractor(done, "supervised")
    path = made.folder / "accuracy.json"
    before = path.read_bytes()
    path.write_bytes(before[:9])
    with pytest.raises(DamagedFileError, match="accuracy.json: .*; remove it, it is made again"):
        made.train()
    path.write_bytes(before)


def test_images_without_a_true_label_are_not_counted_as_wrong(tmp_path):
    one_step = {"pretrain__training_steps": 1}
    unlabelled = [*range(0, 60, 2), *range(60, 79)]  # of training and of test images
    made = extractor(tmp_path, "supervised", dataset(unlabelled=unlabelled), **one_step)
    found = made.train()
    assert found["class_accuracy"] in (0.0, 1.0)  # of the one test image with a label
    assert found["linear_probe_accuracy"] in (0.0, 1.0)
    none = extractor(tmp_path, "supervised", dataset(unlabelled=range(60, 80)), **one_step)
    assert "linear_probe_accuracy" not in none.train()


def test_a_folder_of_another_pretraining_is_refused(done, tmp_path):
    (tmp_path / "inputs.json").write_bytes((extractor(done, "supervised").folder / "inputs.json").read_bytes())
    made = extractor(done, "supervised", folder=tmp_path, resnet_v2__width=5)
    with pytest.raises(ConfigError, match="--model_dir: .* holds pre-training with other values of resnet_v2"):
        made.train()


@pytest.mark.parametrize(
    "task, bindings, message",
    [
        ("s2l", {"pretrain__max_shift": 8}, "pretrain.max_shift: expected less than 8, got 8"),
        (
            "s2l",
            {"pretrain__training_steps": 0},
            "pretrain.training_steps: expected a whole number from 1 to 1000000000, got 0",
        ),
        ("s2l", {"pretrain__momentum": 1.0}, "pretrain.momentum: expected a number of at least 0 and below 1, got 1.0"),
        (
            "s2l",
            {"pretrain__momentum": -0.1},
            "pretrain.momentum: expected a number of at least 0 and below 1, got -0.1",
        ),
        ("colour", {}, "pretrain.task: expected one of 'rotation', 's2l', 'supervised', 'fixmatch', .*got 'colour'"),
    ],
)
def test_impossible_options_are_refused_before_anything_is_written(tmp_path, task, bindings, message):
    with pytest.raises(ConfigError, match=message):
        extractor(tmp_path, task, **bindings)
    assert not list(tmp_path.iterdir())
