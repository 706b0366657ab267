"""The files of a run's folder together: whether it is done, and what was reached."""

import hashlib
import json
import os
import types

import pytest
from PIL import Image
from support.counted_state import CountedState, saved_at

from compare_gan2.run_folder import finished_run
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.run_folder.run_files import RunFiles
from compare_gan2.run_folder.scores import Score


def score(step, metric, value):
    reason = "" if value is not None else "NaN"
    std = None if value is None else 0.0
    return Score(f"model.ckpt-{step}", step, metric, value, std, 9, 9, "test", "n", "ema", "moving", 0, reason=reason)


def settings(schedule="eval_after_train", steps=6):
    """As much of `Settings` as is asked for."""
    run, options = types.SimpleNamespace(schedule=schedule), types.SimpleNamespace(training_steps=steps)
    return types.SimpleNamespace(run=run, options=options)


def scoring(*pending):
    return types.SimpleNamespace(pending=lambda: list(pending))


@pytest.fixture
def files(tmp_path):
    """Files of a run that is done at step 6."""
    files = RunFiles(tmp_path)
    saved_at(Checkpoints(tmp_path, CountedState(), keep=9), [0, 6])
    (tmp_path / "samples").mkdir()
    for name in ("curves.png", "samples.png", "real_and_fake.png", "samples/step-0.png", "samples/step-6.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "training.csv").write_bytes(b"step,loss\n1,2.0\n")
    files.directory.mark_done()
    files.scores.append([score(0, "fid", 40.0), score(6, "fid", 10.0), score(6, "classifier_score", 2.5)])
    return files


def test_names(tmp_path):
    files = RunFiles(tmp_path / "run", "mine.csv")
    assert files.path == tmp_path / "run" and files.scores.path == tmp_path / "run" / "mine.csv"
    assert files.log.path == tmp_path / "run" / "training.csv"
    assert files.last_step == 0 and not files.path.exists()


def test_a_run_is_complete_when_all_is_there(files):
    assert files.last_step == 6
    assert files.is_complete(settings(), scoring()) and files.is_complete(settings(), None)


@pytest.mark.parametrize("missing", ["TRAIN_DONE", "curves.png", "samples/step-0.png", "model.ckpt-6.index"])
def test_a_run_is_not_complete_without(files, missing):
    (files.path / missing).unlink()
    assert not files.is_complete(settings(), scoring())


@pytest.mark.parametrize("damaged", ["samples.png", "curves.png", "model.ckpt-6.data-00000-of-00001"])
def test_a_run_is_not_complete_with_a_damaged(damaged, files):
    path = files.path / damaged
    path.write_bytes(path.read_bytes()[:-5])
    assert not files.is_complete(settings(), scoring())


def test_a_run_is_not_complete_with_more_to_do(files):
    assert not files.is_complete(settings(steps=7), scoring())
    assert not files.is_complete(settings(), scoring("model.ckpt-6"))
    assert not files.is_complete(settings("continuous_eval"), scoring())


def test_the_summary_says_what_was_reached_and_where(files):
    summary = files.summary()
    assert summary.startswith("step 6: fid 10")
    assert "(FID 4.0x below the untrained generator's)" in summary
    assert summary.endswith(f"checkpoints, scores.csv, samples.png, curves.png in {files.path}")


def test_a_run_without_scores_says_so(tmp_path):
    (tmp_path / "model.ckpt-3.index").touch()
    assert RunFiles(tmp_path).summary() == f"step 3: not scored; checkpoints in {tmp_path}"


def test_a_failed_score_is_no_ratio(tmp_path):
    files = RunFiles(tmp_path)
    (tmp_path / "model.ckpt-3.index").touch()
    files.scores.append([score(0, "fid", None), score(3, "fid", 9.0)])
    assert "untrained" not in files.summary() and "fid 9" in files.summary()


def test_completion_is_recorded_for_the_same_request(files):
    files.record_completion("a digest")
    assert finished_run.summary_of(files.path, "a digest") == files.summary()
    assert finished_run.summary_of(files.path, "another digest") is None
    (files.path / "samples.png").write_bytes(b"changed")
    assert finished_run.summary_of(files.path, "a digest") is None


def test_completion_without_a_request_is_not_recorded(files):
    files.record_completion(None)
    assert not (files.path / finished_run.NAME).exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "pipe"])
def test_a_record_that_names_other_files_is_not_believed(tmp_path, name):
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "outside").write_text("a")
    os.mkfifo(folder / "pipe")  # reading it would wait for ever
    (folder / "scores.csv").write_text("b")
    finished_run.record(folder, "a digest", [folder / "scores.csv"], "done")
    assert finished_run.summary_of(folder, "a digest") == "done"
    recorded = json.loads((folder / "finished.json").read_text())
    recorded["files"][name] = {"size": 1, "sha256": hashlib.sha256(b"a").hexdigest()}
    (folder / "finished.json").write_text(json.dumps(recorded))
    (folder / ".finished.json.sha256").unlink(missing_ok=True)
    assert finished_run.summary_of(folder, "a digest") is None
