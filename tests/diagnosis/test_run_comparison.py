"""Folders of the same run: equal ones, and one changed value of each kind, which is found and named."""

import json
import shutil

import pytest
import tensorflow as tf

from compare_gan2.diagnosis.run_comparison import compare_runs, table
from compare_gan2.reporting.tensorboard import EventWriter

EVENT = {"step": 2, "time": "2026-01-01T00:00:00Z", "rule": "d_wins", "value": 0.5}
KINDS = ("checkpoints, variables", "checkpoints, save_counter", "training.csv, rows", "scores.csv, rows")


def write_checkpoint(folder, value=1.0, saves=1):
    checkpoint = tf.train.Checkpoint(weight=tf.Variable([value, 2.0]))
    checkpoint.save_counter.assign(saves)
    checkpoint.write(str(folder / "model.ckpt-3"))


def write_events(folder, value=0.25):
    with EventWriter(folder) as writer:
        writer.scalars(3, {"loss/g": value})


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("comparison") / "reference"
    folder.mkdir()
    write_checkpoint(folder)
    write_events(folder)
    (folder / "training.csv").write_text("step,loss/g\n1,0.5\n2,0.25\n")
    (folder / "scores.csv").write_text("step,value\n3,1.5\n")
    (folder / "events.jsonl").write_text(json.dumps(EVENT) + "\n")
    return folder


@pytest.fixture
def copy(reference, tmp_path):
    return shutil.copytree(reference, tmp_path / "copy")


def differences(reference, copy):
    return {row.what: row.different for row in compare_runs(reference, copy) if row.different}


def test_equal_runs_differ_in_nothing_and_times_are_left_out(reference, copy):
    later = EVENT | {"time": "2026-02-02T00:00:00Z"}
    (copy / "events.jsonl").write_text(json.dumps(later) + "\n")
    for path in copy.glob("events.out.tfevents.*"):
        path.unlink()
    write_events(copy)
    rows = compare_runs(reference, copy)
    assert not any(row.different for row in rows)
    counts = {row.what: row.count for row in rows}
    assert [counts[kind] for kind in KINDS] == [2, 1, 3, 2]  # the graph of objects is compared, too
    assert counts["events.jsonl, events without time"] == counts["TensorBoard, events without time"] == 1
    assert len(table(rows)) == len(rows) + 1 and table(rows)[1].split()[-2:] == ["2", "0"]


def test_one_bit_of_a_variable(reference, copy):
    write_checkpoint(copy, value=1.0000001)
    assert differences(reference, copy) == {"checkpoints, variables": ("step 3, weight",)}


def test_the_count_of_saves(reference, copy):
    write_checkpoint(copy, saves=2)
    assert differences(reference, copy) == {"checkpoints, save_counter": ("step 3, save_counter",)}


def test_a_checkpoint_more(reference, copy):
    for path in copy.glob("model.ckpt-3.*"):
        shutil.copy(path, copy / path.name.replace("-3.", "-6.", 1))
    found = differences(reference, copy)
    assert "step 6, weight" in found["checkpoints, variables"]


@pytest.mark.parametrize("name", ["training.csv", "scores.csv"])
def test_rows_that_differ_or_are_missing_or_cut(name, reference, copy):
    text = (copy / name).read_text()
    lines = len(text.splitlines())
    for changed in (text.replace("5\n", "6\n"), text[: text.rfind("\n", 0, -1) + 1], text[:-1]):
        (copy / name).write_text(changed)
        assert any(f"line {number}" in differences(reference, copy)[f"{name}, rows"] for number in (2, lines))


def test_an_event_of_the_watchdog(reference, copy):
    (copy / "events.jsonl").write_text(json.dumps(EVENT | {"value": 0.75}) + "\n")
    assert differences(reference, copy) == {"events.jsonl, events without time": ("line 1",)}


def test_an_event_of_tensorboard_that_is_there_twice(reference, copy):
    write_events(copy)
    assert differences(reference, copy) == {"TensorBoard, events without time": ("loss/generator, step 3, number 2",)}


def test_an_event_of_tensorboard_with_another_value(reference, copy):
    for path in copy.glob("events.out.tfevents.*"):
        path.unlink()
    write_events(copy, value=0.5)
    assert differences(reference, copy) == {"TensorBoard, events without time": ("loss/generator, step 3",)}


def test_hyperparameters_count_and_the_name_of_the_run_does_not(tmp_path):
    folders = [tmp_path / name for name in ("reference", "killed-1", "other")]
    for folder, rate in zip(folders, (0.1, 0.1, 0.2), strict=True):
        with EventWriter(folder) as writer:
            writer.hyperparameters(folder.name, {"ModularGAN.g_lr": rate})
    assert differences(folders[0], folders[1]) == {}
    assert differences(folders[0], folders[2]) == {
        "TensorBoard, events without time": ("_hparams_/session_start_info, step 0",)
    }
