"""`compare_gan2 doctor resume`: what it refuses, and a tiny run that is really killed."""

import re

import pytest
from support import tiny_run

from compare_gan2 import doctor
from compare_gan2.diagnosis import resume
from compare_gan2.ground.errors import ConfigError, TrainingFailed

STEPS = 40


@pytest.fixture
def forked(monkeypatch):
    """Processes start with TensorFlow imported; they train and are killed as others are."""
    monkeypatch.setattr(resume.subprocess, "Popen", tiny_run.forked_popen)


def bindings(**more):
    bound = tiny_run.BINDINGS | tiny_run.TINY | more
    return [f"--gin_bindings={name} = {value}" for name, value in bound.items() if value is not None]


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="--folder: expected an empty or a missing folder, got"):
        resume.compare_with_kills([], kills=1, seed=0, num_workers=1, folder=tmp_path)


def test_a_reference_that_fails_is_named_with_its_message(tmp_path, monkeypatch):
    monkeypatch.setattr(resume.sys, "executable", "/bin/false")
    with pytest.raises(TrainingFailed, match="reference: exit code 1: no output"):
        resume.compare_with_kills([], kills=1, seed=0, num_workers=1, folder=tmp_path / "runs")


def test_it_asks_for_a_configuration(capsys):
    assert doctor.main(["resume"]) == 2
    assert "--gin_config: expected a configuration, got none" in capsys.readouterr().err


def test_a_kill_waits_for_its_step_or_its_moment(tmp_path):
    at_step, in_time = resume._Kill(5.0, 0, step=4), resume._Kill(5.0, 1)
    assert (at_step.when, in_time.when) == ("at step 4", "after 5.0 s")
    assert in_time.is_due(tmp_path, 5.0) and not in_time.is_due(tmp_path, 4.9)
    (tmp_path / "training.csv").write_text("step,loss\n2,0.5\n3,0.5\n4")  # a row that a kill has cut
    assert not at_step.is_due(tmp_path, 100.0)
    (tmp_path / "training.csv").write_text("step,loss\n2,0.5\n3,0.5\n4,0.5\n")
    assert at_step.is_due(tmp_path, 0.0)


def test_flags_of_the_kills_need_their_word(capsys):
    assert doctor.main(["--kills=3"]) == 2
    assert "--kills: belongs to `compare_gan2 doctor resume`" in capsys.readouterr().err


def test_one_of_two_workers_is_killed(tmp_path, capsys, forked):
    folder = tmp_path / "runs"
    given = [
        *bindings(**{"options.gan_class": "@ModularGAN"}),
        "--gin_bindings=evaluation.metrics = ['fid']",
        "--kills=1",
        "--workers=2",
    ]
    code = doctor.main(["resume", "--gin_config=s3gan.gin", *given, f"--folder={folder}"])
    shown = capsys.readouterr()
    assert code == 0, shown
    assert "kill 1 of 1 of worker " in shown.out and "different:" not in shown.out


def test_kills_are_seen_to_change_nothing(tmp_path, capsys, forked):
    folder = tmp_path / "runs"
    longer = bindings(**{"options.training_steps": STEPS, "run_config.save_checkpoints_steps": 10})
    scored = "--gin_bindings=evaluation.metrics = ['fid']"
    code = doctor.main(["resume", "--gin_config=s3gan.gin", *longer, scored, "--kills=2", f"--folder={folder}"])
    shown = capsys.readouterr()
    assert code == 0, shown
    assert "different:" not in shown.out and "kill 2 of 2: " in shown.out + shown.err
    reached = [int(step) for step in re.findall(r"^kill .* last step (\d+),", shown.out, re.MULTILINE)]
    assert len(reached) == 2 and any(0 < step < STEPS for step in reached)
    rows = [line for line in shown.out.splitlines() if line.endswith(" 0") and not line.startswith("kill ")]
    counts = {line[:-20].strip(): int(line.split()[-2]) for line in rows}
    assert counts["checkpoints, variables"] > 100 and counts["training.csv, rows"] >= 7
    assert counts["scores.csv, rows"] > 1 and counts["TensorBoard, events without time"] > 1
