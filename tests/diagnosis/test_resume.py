"""`compare_gan2 doctor resume`: what it refuses, and a tiny run that is really killed."""

import pytest
from support import tiny_run

from compare_gan2 import doctor
from compare_gan2.diagnosis import resume
from compare_gan2.ground.errors import ConfigError, TrainingFailed


def bindings(**more):
    bound = tiny_run.BINDINGS | tiny_run.QUICK | more
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


def test_kills_are_seen_to_change_nothing(tmp_path, capsys):
    folder = tmp_path / "runs"
    code = doctor.main(["resume", "--gin_config=s3gan.gin", *bindings(), "--kills=3", f"--folder={folder}"])
    shown = capsys.readouterr()
    assert code == 0, shown
    assert "different:" not in shown.out and "kill 3 of 3: " in shown.out + shown.err
    counts = {line[:-20].strip(): int(line.split()[-2]) for line in shown.out.splitlines() if line.endswith(" 0")}
    assert counts["checkpoints, variables"] > 100 and counts["training.csv, rows"] >= 7
    assert counts["scores.csv, rows"] > 1 and counts["TensorBoard, events without time"] > 1
