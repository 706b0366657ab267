"""`compare_gan2 train`: its default folder, what it answers without a configuration, what reaches the run."""

import pathlib

import pytest

from compare_gan2 import main
from compare_gan2.command_line.shipped_configurations import require_configuration
from compare_gan2.config import config_files
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs import rounds


@pytest.fixture
def command(monkeypatch):
    """Function (*arguments) -> `CommandOptions` that the run is called with."""
    called = []
    monkeypatch.setattr(rounds, "run", lambda config, command: called.append(command))

    def run(*arguments):
        assert main.main(["--gin_config=s3gan.gin", *arguments]) == 0
        return called.pop()

    return run


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        ([], "runs/s3gan"),
        (["--gin_bindings=labels.fraction = 0.05"], "runs/s3gan-labels.fraction=0.05"),
        (["--data_fake_dataset"], "runs/s3gan-data_fake_dataset"),
        (["--nodata_fake_dataset"], "runs/s3gan"),
        (["--gin_bindings=options.z_dim = 8", "--model_dir=elsewhere/run"], "elsewhere/run"),
    ],
)
def test_the_default_folder_says_what_was_bound(command, tmp_path, monkeypatch, arguments, folder):
    monkeypatch.chdir(tmp_path)
    assert command(*arguments).model_dir == folder


def test_only_given_flags_win_over_bindings(command):
    assert command().overrides == {"run_config": {}, "standing_statistics": {}, "evaluation": {}}
    given = command("--metrics=fid,kid", "--eval_every_steps=0", "--standing_statistics_num_samples=64")
    assert given.overrides["evaluation"] == {"metrics": ["fid", "kid"]}
    assert given.overrides["run_config"] == {"eval_every_steps": 0}
    assert given.overrides["standing_statistics"] == {"num_samples": 64}


def test_flags_reach_the_run(command):
    given = command("--workers=a:1,b:2", "--worker_index=1", "--nouse_tpu", "--num_devices=2", "--tfds_data_dir=data")
    assert given.workers == ("a:1", "b:2") and given.worker_index == 1 and given.worker_timeout == 300.0
    assert given.use_tpu is False and given.num_devices == 2 and given.tfds_data_dir == "data"
    assert given.score_filename == "scores.csv" and given.asked is None
    assert len(command().asked) == 64


def test_no_configuration_is_answered_with_what_to_run(capsys):
    assert main.main([]) == 2
    message = capsys.readouterr().err
    assert message.startswith("error: --gin_config: expected a configuration, got none; try compare_gan2 train ")
    assert "--gin_config=s3gan.gin" in message and message.count("\n") == 1
    assert "studies" not in message
    for name in config_files.shipped_names():
        assert name.startswith("studies/") or pathlib.PurePath(name).stem in message


def test_a_study_is_recognised():
    with pytest.raises(ConfigError, match="studies/"):
        require_configuration("study", [], of_studies=True)


def test_a_typo_in_a_file_suggests_the_nearest(capsys, tmp_path):
    assert main.main(["--gin_config=s3gn.gin"]) == 2
    assert "did you mean s3gan.gin" in capsys.readouterr().err
    (tmp_path / "mine.gin").write_text("include 'mnist_5k/s3gn.gin'\n")
    assert main.main([f"--gin_config={tmp_path / 'mine.gin'}"]) == 2
    assert "include: there is no file mnist_5k/s3gn.gin" in capsys.readouterr().err
