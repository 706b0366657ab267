"""What bad input, bad disks and bad luck get: one clear message, the right exit code, nothing lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
import types

import pytest
from support import tiny_run

from compare_gan2.ground import disks
from compare_gan2.run_folder import checkpoint_room
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps
from compare_gan2.run_folder.checkpoints import damage_of
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.run_folder.training_log import TrainingLog
from compare_gan2.runs import train_and_score


@pytest.mark.parametrize("below", ["", "run", "run/again"])
def test_model_dir_at_or_below_a_regular_file(below, tmp_path):
    (tmp_path / "file").write_text("mine")
    result = tiny_run.quick(tmp_path / "file" / below)
    assert result.code == 2
    assert f"--model_dir: cannot write to {tmp_path / 'file'}" in tiny_run.error_line(result)
    assert (tmp_path / "file").read_text() == "mine"


# Checkpoints.


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folder of a run that trained to step 6 and is not scored."""
    folder = tmp_path_factory.mktemp("faults") / "finished"
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert result.code == 0, result.err
    return folder


@pytest.fixture
def copied(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "copied")


def data_of(folder, step):
    return folder / f"model.ckpt-{step}.data-00000-of-00001"


def flip(folder, step):
    """Changes one byte in the middle, which only the checksums show."""
    content = bytearray(data_of(folder, step).read_bytes())
    content[len(content) // 2] ^= 1
    data_of(folder, step).write_bytes(content)


def cut(folder, step):
    data_of(folder, step).write_bytes(data_of(folder, step).read_bytes()[:1000])


def test_training_resumes_before_the_damaged_checkpoint(finished, copied):
    cut(copied, 6)
    (copied / "TRAIN_DONE").unlink()  # as if it had been killed
    result = tiny_run.quick(copied, tiny_run.TRAIN_ONLY)
    assert result.code == 0, result.err
    assert "resumes from step 3 (checkpoint model.ckpt-3)" in result.out
    assert f"warning: checkpoint {copied}/model.ckpt-6 is damaged (" in result.out
    assert damage_of(checkpoint_path(copied, 6)) is None
    assert (copied / "training.csv").read_bytes() == (finished / "training.csv").read_bytes()
    expected, got = tiny_run.values(finished, 6), tiny_run.values(copied, 6)
    assert all((expected[name] == got[name]).all() for name in expected.keys() | got.keys())


def test_no_checkpoint_that_can_be_read(copied):
    for step in checkpoint_steps(copied):
        flip(copied, step)
    before = tiny_run.snapshot(copied)
    result = tiny_run.quick(copied, tiny_run.TRAIN_ONLY, options__training_steps=9)
    assert result.code == 2
    assert f"none of the checkpoints in {copied} can be read; move them away" in tiny_run.error_line(result)
    assert tiny_run.snapshot(copied) == before


def test_checkpoint_of_other_networks(copied, tmp_path):
    for path in copied.glob("operative_config-*.gin"):
        path.unlink()
    bindings = tiny_run.QUICK | {"options__training_steps": 9}
    result = tiny_run.quick(copied, tiny_run.TRAIN_ONLY, **bindings)
    assert result.code == 1
    assert "model.ckpt-6: holds other variables than this configuration has" in tiny_run.error_line(result)


def test_evaluator_scores_around_a_damaged_checkpoint(copied):
    cut(copied, 3)
    result = tiny_run.quick(copied, "--schedule=continuous_eval", run_config__eval_every_steps=3)
    assert result.code == 0, result.err
    scores = {(score.step, score.metric): score for score in ScoresFile(copied / "scores.csv").read()}
    assert {step for step, _ in scores} == {3, 6}
    assert scores[3, "fid"].value is None and "checkpoint is damaged" in scores[3, "fid"].reason
    assert scores[6, "fid"].value > 0 and scores[6, "fid"].reason == ""
    assert "step 3: fid failed (checkpoint is damaged" in result.out


def test_damaged_scores_file(copied):
    (copied / "scores.csv").write_text("something else\n")
    result = tiny_run.quick(copied)
    assert result.code == 2
    assert f"{copied}/scores.csv: expected the header" in tiny_run.error_line(result)
    assert (copied / "scores.csv").read_text() == "something else\n"


# While it trains.


@pytest.mark.parametrize(
    ("bindings", "message", "last", "rows"),
    [
        # The generator's first update gives weights so large that the second step fails, in a loss or after it.
        ({"ModularGAN__g_lr": 1e38}, "at step 2 (between steps 2 and 2)", 1, {1, 2}),
        # The first update of the discriminator does it to the generator's loss, before any other.
        ({"ModularGAN__d_lr": 1e38, "run_config__iterations_per_loop": 3}, "at step 1 (between steps 1 and 3)", 0, {0}),
    ],
)
def test_loss_that_is_not_finite_stops_with_the_step_named(bindings, message, last, rows, tmp_path):
    folder = tmp_path / "run"
    intervals = {} if "run_config__iterations_per_loop" in bindings else {"run_config__save_checkpoints_steps": 1}
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY, **intervals, **bindings)
    assert result.code == 1
    assert message in tiny_run.error_line(result)
    assert "training stops, the last checkpoint before is intact" in result.err
    steps = checkpoint_steps(folder)
    assert max(steps) == last and not any(damage_of(checkpoint_path(folder, step)) for step in steps)
    assert tiny_run.rows(folder) in rows  # steps whose losses are numbers
    assert not (folder / "TRAIN_DONE").exists()


@pytest.fixture
def small_disk(tmp_path):
    """Function (size) -> folder on a disk of this size; called again it changes the size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(size):
        option = f"remount,size={size}" if os.path.ismount(folder) else f"size={size}"
        command = ["mount", "-t", "tmpfs", "-o", option, "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"no tmpfs can be mounted here: {getattr(error, 'stderr', '') or error}")
        return folder

    yield mounted
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tmpfs is Linux's")
def test_full_disk_leaves_the_checkpoints_before(small_disk, monkeypatch):
    folder = small_disk("1550k") / "run"  # a checkpoint and its pictures take 0.6 MB
    monkeypatch.setattr(disks, "WAITS", (0.1, 0.2))
    monkeypatch.setattr(checkpoint_room, "bytes_of", lambda state: 1)  # else it is refused before the first step
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert result.code == 1
    line = f"no space left on the disk of {folder}; {folder}/model.ckpt-3 is intact, the same command resumes"
    assert line in tiny_run.error_line(result)
    assert "training pauses and tries again in 0.1 s; 0.3 s in all" in result.out
    steps = checkpoint_steps(folder)
    assert steps == [0, 3] and not any(damage_of(checkpoint_path(folder, step)) for step in steps)
    monkeypatch.undo()
    refused = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert refused.code == 2 and "run_config.keep_checkpoint_max: 1 more checkpoints" in tiny_run.error_line(refused)
    small_disk("20m")
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert result.code == 0, result.err
    assert "resumes from step 3 " in result.out
    assert checkpoint_steps(folder) == [0, 3, 6] and (folder / "TRAIN_DONE").exists()
    assert not list(folder.glob("*_temp"))


def test_a_folder_removed_while_it_trains_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    append = TrainingLog.append

    def appended(log, first, scalars):
        if first > 2:
            shutil.rmtree(folder, ignore_errors=True)
        append(log, first, scalars)

    monkeypatch.setattr(TrainingLog, "append", appended)
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY)
    assert result.code == 1
    assert f"{folder}/training.csv: No such file or directory ({folder} was removed)" in tiny_run.error_line(result)


def test_one_process_trains_in_a_folder_and_evaluators_read(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    bindings = {"options__training_steps": 40, "run_config__save_checkpoints_steps": 20}
    first = tiny_run.start(folder, tiny_run.TRAIN_ONLY, **tiny_run.TINY | bindings)
    try:
        tiny_run.wait_for_rows(first, folder, 1)
        first.send_signal(signal.SIGSTOP)  # it holds the lock, and leaves the processor to this test
        before = tiny_run.snapshot(folder)
        second = tiny_run.quick(folder, tiny_run.TRAIN_ONLY, **bindings)
        assert second.code == 2
        assert f"--model_dir: another process is training in {folder}" in tiny_run.error_line(second)
        assert tiny_run.snapshot(folder) == before

        class Waited(Exception):
            pass

        def sleep(seconds):
            raise Waited

        # The name in this module only: waiting for a child process sleeps, too.
        monkeypatch.setattr(train_and_score, "time", types.SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
        with pytest.raises(Waited):  # for the next checkpoint, after it has scored those that are there
            tiny_run.quick(folder, "--schedule=continuous_eval", **bindings, run_config__eval_every_steps=0)
        monkeypatch.undo()
        assert {score.step for score in ScoresFile(folder / "scores.csv").read()} == set(checkpoint_steps(folder))
    finally:
        first.kill()
        tiny_run.result(first)
    with ModelDirectory(folder).writing():
        pass  # the lock died with its process
