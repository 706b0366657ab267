"""Sinks of a run: opened by one binding each, without any effect on its numbers."""

import json
import sys
import types

import numpy as np
import pytest
from support.trained_run import BINDINGS, trained_run

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.tracking_ids import TrackingIds
from compare_gan2.runs.settings import CommandOptions, read_settings
from compare_gan2.runs.tracking import plain_values, sinks_of


@pytest.fixture
def wandb(monkeypatch):
    """In place of the package: list of the calls of all runs that were begun."""
    calls = []

    class Run:
        summary = {}

        def __getattr__(self, name):
            return lambda *given, **named: calls.append((name, *given))

    def init(**options):
        calls.append(("init", options))
        return Run()

    def settings(**options):
        return options

    module = types.ModuleType("wandb")
    module.init, module.Settings, module.Image, module.Histogram = init, settings, np.shape, np.shape
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.setattr("compare_gan2.runs.tracking.require_package", lambda *_: None)
    return calls


def weights(run):
    return {name: value.numpy() for name, value in run.model.state.variables().items()}


def test_numbers_are_those_of_a_run_without_sinks(trained, tmp_path, wandb):
    with_sink = trained_run(tmp_path / "run", "wandb.project = 'digits'")
    assert with_sink.files.log.path.read_bytes() == trained.files.log.path.read_bytes()
    for name, value in weights(trained).items():
        np.testing.assert_array_equal(weights(with_sink)[name], value, err_msg=name)
    (_, options) = wandb[0]
    assert options["project"] == "digits" and options["mode"] == "offline" and options["name"] == "run"
    assert options["id"] == json.loads((tmp_path / "run" / "tracking.json").read_text())["wandb"]
    assert options["config"]["options.batch_size"] == 4 and options["config"]["loss.fn"] == "@non_saturating"
    assert not [name for name in options["config"] if name.startswith(("--", "wandb", "mlflow"))]
    logged = [call[1] for call in wandb if call[0] == "log"]
    assert [row["step"] for row in logged if "loss/generator" in row] == [1, 2]
    assert {"images/real", "images/generated", "watchdog/spread"} <= {name for row in logged for name in row}


def test_a_resumed_run_is_the_same_one_there(tmp_path, wandb):
    trained_run(tmp_path, "options.training_steps = 1")
    assert not wandb and not (tmp_path / "tracking.json").exists()  # none without a binding
    for steps in (2, 3):  # a sink may come later
        trained_run(tmp_path, f"options.training_steps = {steps}", "wandb.project = 'digits'")
    first, second = [call[1] for call in wandb if call[0] == "init"]
    assert first["id"] == second["id"] and second["resume"] == "allow"


def test_a_missing_package_is_refused_when_the_run_is_prepared(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    config = parse([], [*BINDINGS, "mlflow.experiment = 'digits'"])
    with pytest.raises(ConfigError, match=r"^mlflow\.experiment: needs .*'compare_gan2\[mlflow\]'$"):
        sinks_of(read_settings(config, CommandOptions(model_dir=str(tmp_path))), tmp_path, dict)


def test_values_for_other_services():
    texts = {"a.b": "0.1", "a.c": "'x'", "a.d": "True", "a.e": "None", "a.f": "@hinge", "a.g": "[1, 2]"}
    places = {"--data_fake_dataset": "False", "folder.path": "'/home/me'", "evaluation.cache_dir": "None"}
    services = {"wandb.project": "'p'", "mlflow.uri": "'http://me:secret@host'"}
    expected = {"a.b": 0.1, "a.c": "x", "a.d": True, "a.e": "None", "a.f": "@hinge", "a.g": "[1, 2]"}
    assert plain_values(texts | places | services) == expected


def offline_records(path):
    """Records of an offline run: a log as of LevelDB, after a header of 7 bytes, of records cut at blocks of 32 KiB."""
    from wandb.proto import wandb_internal_pb2

    data, place, parts, found = path.read_bytes(), 7, [], []
    while place + 7 <= len(data):
        if (left := 2**15 - place % 2**15) < 7:  # no room for the head of a part
            place += left
            continue
        size, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        parts.append(data[place + 7 : place + 7 + size])
        place += 7 + size
        if kind in (1, 4):  # whole, or the last part
            found.append(wandb_internal_pb2.Record.FromString(b"".join(parts)))
            parts = []
    return found


@pytest.mark.slow
def test_weights_and_biases_offline(tmp_path):
    run = trained_run(tmp_path / "run", "wandb.project = 'digits'")
    run.sinks.close()
    (path,) = (tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb")
    steps = []
    for record in offline_records(path):
        row = {"/".join(item.nested_key) or item.key: item.value_json for item in record.history.item}
        if "loss/generator" in row:
            steps.append((int(row["step"]), float(row["loss/generator"])))
    log = run.files.log.read()
    assert steps == [(step, pytest.approx(float(loss))) for step, loss in zip(log["step"], log["loss/g"], strict=True)]
    assert list((tmp_path / "run" / "wandb").glob("offline-run-*/files/media/images/images/real*.png"))


@pytest.mark.slow
def test_mlflow_in_a_folder(tmp_path, monkeypatch):
    import mlflow

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    for steps in (1, 2):
        run = trained_run(tmp_path / "run", "mlflow.experiment = 'digits'", f"options.training_steps = {steps}")
        run.sinks.close()
    client = mlflow.MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    (found,) = client.search_runs([client.get_experiment_by_name("digits").experiment_id])
    assert found.info.run_id == TrackingIds(tmp_path / "run").get("mlflow")
    assert found.info.run_name == "run" and found.info.status == "FINISHED"
    assert found.data.params["options.batch_size"] == "4" and len(found.data.params) > 50
    log = run.files.log.read()
    history = client.get_metric_history(found.info.run_id, "loss/generator")
    assert [(m.step, pytest.approx(m.value)) for m in history] == list(zip(log["step"], log["loss/g"], strict=True))
    TrackingIds(tmp_path / "run").record("mlflow", "0" * 32)  # as if it had been deleted there
    run = trained_run(tmp_path / "run", "mlflow.experiment = 'digits'", "options.training_steps = 3")
    run.sinks.close()
    assert TrackingIds(tmp_path / "run").get("mlflow") not in ("0" * 32, found.info.run_id)
