"""`compare_gan2 benchmark --time_to_fid`: a study from flags. Its runs are made up: training is tested elsewhere."""

import json

import pytest
from support.fake_study import command_of

from compare_gan2 import benchmark
from compare_gan2.run_folder.cost_log import CostLog
from compare_gan2.studies import runs

GIVEN = ["--gin_config=s3gan.gin", "--gin_config=mnist_5k/ssgan.gin", "--seeds=0,1"]


@pytest.fixture
def made_up(tmp_path, monkeypatch):
    """Runs end at once, with an FID of 40 at step 0 and one between 2 and 3 at step 8."""
    monkeypatch.chdir(tmp_path)
    missing, fake = runs.run_missing, command_of(tmp_path)

    def command(run, folder):
        folder.mkdir(parents=True)
        values = dict(session="a", first_step=0, step=8, seconds=120.0, images=128)
        CostLog(folder / "cost.jsonl").append(**values, host_memory=1, device_memory=None, devices="one CPU")
        return fake(run, folder)

    monkeypatch.setattr(runs, "run_missing", lambda *given: missing(*given, command))


def test_minutes_of_each_run_and_the_picture(made_up, tmp_path, capsys):
    assert benchmark.main(["--time_to_fid=5", *GIVEN, "--json=result.json"]) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["fid"] == 5 and result["rows"].keys() == {"s3gan.gin", "mnist_5k/ssgan.gin"}
    for minutes in result["rows"].values():
        assert minutes.keys() == {"0", "1"} and all(1 < value < 2 for value in minutes.values())
    assert (tmp_path / result["picture"]).read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "runs/time_to_fid/runs/report.html").exists()
    assert "| Minutes to FID 5 |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--preset=s3gan_32_width32"], "--preset: with --time_to_fid expected configurations"),
        ([*GIVEN, "--input"], "--time_to_fid: expected no other measurement beside it"),
        (["--gin_config=s3gan.gin", "--seeds=1,1"], "--seeds: expected different whole numbers"),
        (["--gin_config=s3gan.gin", "--seeds="], "--seeds: expected different whole numbers"),
        (["--gin_config=nowhere.gin"], "nowhere.gin"),
    ],
)
def test_what_cannot_be_measured(given, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert benchmark.main(["--time_to_fid=5", *given]) == 2
    assert message in capsys.readouterr().err and not list(tmp_path.iterdir())
