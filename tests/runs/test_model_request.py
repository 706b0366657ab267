"""A model that is asked for is checked against its folder, without TensorFlow."""

import dataclasses
import json
import subprocess
import sys

import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.dataset_record import FILE, DatasetRecord
from compare_gan2.runs import model_request


@pytest.fixture
def run(tmp_path):
    for step in (0, 40):
        (tmp_path / f"model.ckpt-{step}.index").touch()
    (tmp_path / "operative_config-0.gin").touch()
    return tmp_path


def record(folder, **facts):
    written = DatasetRecord(
        "photographs", (32, 32, 3), **{"num_classes": 3, "class_names": ("ant", "cow", "2")} | facts
    )
    (folder / FILE).write_text(json.dumps(dataclasses.asdict(written)))


@pytest.mark.parametrize("classes", [None, ["ant", "1"], ["2"]])
def test_a_model_that_is_there(classes, run):
    record(run)
    model_request.check(run, 40, ["eval_z.stddev = 2"], classes)
    assert (model_request.chosen_step(run), model_request.chosen_step(run, 0)) == (40, 0)


def test_the_newest_checkpoint_without_its_index_is_named(run, caplog):
    (run / "model.ckpt-80.data-00000-of-00001").touch()
    assert model_request.chosen_step(run) == 40
    assert caplog.messages == [f"{run}/model.ckpt-80 is not complete: its .index is missing; model.ckpt-40 is taken"]


def test_a_run_that_does_not_record_its_data_lets_classes_pass(run):
    model_request.check(run, classes=["cat"])


@pytest.mark.parametrize(
    "facts, step, classes, message",
    [
        ({}, 41, None, r"--step: expected one of 0, 40 \(checkpoints in .*\), got 41"),
        ({}, "best", None, "--step: .* has no best checkpoint, which run_config.best_metric chooses"),
        ({}, None, ["cwo"], "classes: expected classes from 0 to 2 or one of the names ant, cow, 2, got 'cwo'.* cow?"),
        ({}, None, ["ant", "3"], "classes: expected classes from 0 to 2 .*, got '3'$"),
        ({"num_classes": None, "class_names": None}, None, ["ant", "1"], "classes: photographs has none, got ant, 1"),
        ({}, None, ["9" * 5000], r"classes: expected .*, got '9{80}\.\.\.'$"),
    ],
)
def test_what_a_run_does_not_have(facts, step, classes, message, run):
    record(run, **facts)
    with pytest.raises(ConfigError, match=message):
        model_request.check(run, step, (), classes)


def test_saved_networks_have_no_steps(tmp_path):
    (tmp_path / "generator.keras").touch()
    model_request.check(tmp_path, classes=["cat"])
    for flag, given in (("--step", {"step": 3}), ("--gin_bindings", {"bindings": ["a = 1"]})):
        with pytest.raises(ConfigError, match=f"{flag}: belongs to runs, .* holds saved networks"):
            model_request.check(tmp_path, **given)


def test_no_tensorflow_is_imported(run):
    record(run)
    script = (
        "import sys; from compare_gan2.runs import model_request; "
        f"model_request.check({str(run)!r}, 0, (), ['ant']); print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
