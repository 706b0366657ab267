import pathlib
import subprocess
import types

import pytest

from compare_gan2 import configuration, study
from compare_gan2.configuration import ConfigError
from compare_gan2.reporting.files import DamagedFileError
from compare_gan2.reporting.scores import Score, ScoresFile

STUDY = study.Study(configs=["s3gan.gin", "mnist_5k/ssgan.gin"], seeds=[0, 1], results="unused.csv")


def score(step, metric, value, seed):
    return Score(f"model.ckpt-{step}", step, metric, value, 0.1, 1000, 1000, "test", "digits", "ema", "moving", seed)


@pytest.fixture
def fake_runs(monkeypatch):
    """Replaces the training process by one that writes scores (FID 40 untrained, 2 + seed trained) and counts calls."""
    started = []

    def fake_run(command, check):
        options = dict(argument.split("=", 1) for argument in command if argument.startswith("--"))
        seed = int(options["--gin_bindings"].split("=")[1])
        config = pathlib.Path(options["--gin_config"]).name
        started.append((config, seed))
        if (config, seed) == ("ssgan.gin", 1):
            return types.SimpleNamespace(returncode=1)
        folder = pathlib.Path(options["--model_dir"])
        folder.mkdir(parents=True)
        rows = [score(0, "fid", 40.0, seed), score(8, "fid", 2.0 + seed, seed)]
        ScoresFile(folder / "scores.csv").append(rows)
        return types.SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", fake_run)
    return started


def test_runs_what_is_missing_and_goes_on(tmp_path, fake_runs):
    results = tmp_path / "results.csv"
    failed = study.run_missing(STUDY, results, tmp_path / "runs")
    assert fake_runs == [("s3gan.gin", 0), ("ssgan.gin", 0), ("s3gan.gin", 1), ("ssgan.gin", 1)]
    assert failed == [("mnist_5k/ssgan.gin", 1, 1)]
    fake_runs.clear()
    study.run_missing(STUDY, results, tmp_path / "runs")
    assert fake_runs == [("ssgan.gin", 1)]
    assert [(row["config"], row["seed"], row["step"], row["value"]) for row in study.read_results(results)] == [
        ("s3gan.gin", "0", "0", "40.0"),
        ("s3gan.gin", "0", "8", "2.0"),
        ("mnist_5k/ssgan.gin", "0", "0", "40.0"),
        ("mnist_5k/ssgan.gin", "0", "8", "2.0"),
        ("s3gan.gin", "1", "0", "40.0"),
        ("s3gan.gin", "1", "8", "3.0"),
    ]


def test_table_takes_the_last_checkpoint_of_each_run(tmp_path, fake_runs):
    results = tmp_path / "results.csv"
    study.run_missing(STUDY, results, tmp_path / "runs")
    table = study.markdown_table(STUDY, study.read_results(results)).splitlines()
    assert table[2] == "| `s3gan.gin` | 2 | 2.5 ± 0.71 | 16.67 ± 4.7 |"  # 40/2 and 40/3
    assert table[3] == "| `mnist_5k/ssgan.gin` | 1 | 2 | 20 |"


def test_table_is_put_between_its_marks_only(tmp_path):
    document = tmp_path / "README.md"
    document.write_text("before\n<!-- table: mine -->\nold\nrows\n<!-- end of table -->\nafter\n")
    study.put_table(document, "mine", "| new |")
    study.put_table(document, "mine", "| newer |")
    assert document.read_text() == "before\n<!-- table: mine -->\n| newer |\n<!-- end of table -->\nafter\n"
    with pytest.raises(ConfigError, match="0 places marked '<!-- table: other -->', expected 1"):
        study.put_table(document, "other", "| new |")


def test_results_with_another_header_are_refused_and_kept(tmp_path):
    results = tmp_path / "results.csv"
    results.write_text("a,b\n1,2\n")
    with pytest.raises(DamagedFileError, match="expected the header config,checkpoint"):
        study.run_missing(STUDY, results, tmp_path / "runs")
    assert results.read_text() == "a,b\n1,2\n"


OLD_RESULTS = """\
config,checkpoint,step,metric,value,std,num_real,num_fake,split,network,weights,bn_statistics,seed
s3gan.gin,model.ckpt-0,0,fid,40.0,0.1,1000,1000,test,digits,ema,moving,0
s3gan.gin,model.ckpt-8,8,fid,2.0,0.1,1000,1000,test,digits,ema,moving,0
"""


def test_results_of_an_older_version_are_read_with_unknown_protocols(tmp_path, fake_runs):
    results = tmp_path / "results.csv"
    results.write_text(OLD_RESULTS)
    rows = study.read_results(results)
    assert [row["dataset"] for row in rows] == ["", ""]
    assert study.markdown_table(STUDY, rows).splitlines()[2:] == ["| `s3gan.gin` | 1 | 2 | 20 |"]
    study.run_missing(STUDY, results, tmp_path / "runs")
    assert fake_runs == [("ssgan.gin", 0), ("s3gan.gin", 1), ("ssgan.gin", 1)]
    assert study.read_results(results)[:2] == rows
    assert results.read_text().splitlines()[0] == ",".join(study.RESULT_COLUMNS)


def rows_with(**changes):
    """Result rows of two configs; those of the second one with changes."""
    rows = []
    for config, changed in (("s3gan.gin", {}), ("mnist_5k/ssgan.gin", changes)):
        for metric, value in (("fid", "2.0"), ("classifier_score", "7.0")):
            row = dict.fromkeys(study.RESULT_COLUMNS, "x") | {"config": config, "metric": metric, "value": value}
            rows.append(row | {"step": "8", "seed": "0"} | (changed if metric == "fid" else {}))
    return rows


def test_different_protocols_do_not_go_into_one_table():
    with pytest.raises(
        ConfigError, match="study.results: scores of different protocols .* in fid resize is clean and x"
    ):
        study.markdown_table(STUDY, rows_with(resize="clean"))
    for changes in (dict(label_prior="none"), dict(code_version="2"), dict(checkpoint="other")):
        assert "[a]" not in study.markdown_table(STUDY, rows_with(**changes))


def test_different_protocols_are_marked_where_they_are_asked_for():
    lines = study.markdown_table(STUDY, rows_with(resize="clean"), mix_protocols=True).splitlines()
    assert lines[2] == "| `s3gan.gin` | 1 | 2 [a] | 7 | - |"
    assert lines[3] == "| `mnist_5k/ssgan.gin` | 1 | 2 [b] | 7 | - |"
    assert lines[-2:] == ["[a]: resize x", "[b]: resize clean"]


def test_command_refuses_and_marks(tmp_path, capsys):
    results, config = tmp_path / "results.csv", tmp_path / "study.gin"
    config.write_text(f"study.configs = ['s3gan.gin']\nstudy.seeds = [0]\nstudy.results = '{results}'\n")
    results.write_text(OLD_RESULTS + OLD_RESULTS.splitlines()[-1].replace("test", "train") + "\n")
    command = [f"--gin_config={config}", "--only_table"]
    assert study.main(command) == 2
    assert "error: study.results: scores of different protocols" in capsys.readouterr().err
    assert study.main([*command, "--mix_protocols"]) == 0
    assert "2 ± 0 [a, b]" in capsys.readouterr().out


def test_shipped_results_make_the_table_of_the_readme():
    root = pathlib.Path(study.__file__).parent.parent
    configuration.parse([root / "gin_configs" / "studies" / "mnist_5k.gin"], [])
    shipped = configuration.build(study.Study)
    table = study.markdown_table(shipped, study.read_results(root / shipped.results))
    assert table in (root / "README.md").read_text()
