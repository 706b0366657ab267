import dataclasses
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from compare_gan2 import main, study
from compare_gan2.config.configuration import parse
from compare_gan2.run_folder.scores import Score, ScoresFile
from compare_gan2.runs.load_run import load_sampler
from compare_gan2.studies import charts, runs
from compare_gan2.studies.document import place_of_table
from compare_gan2.studies.label_fractions import label_fractions
from compare_gan2.studies.markdown import markdown_table
from compare_gan2.studies.plan import Study, runs_of
from compare_gan2.studies.results import read_results
from compare_gan2.studies.summary import Summary

ROOT = pathlib.Path(study.__file__).resolve().parents[1]
OLD_RESULTS = """\
config,checkpoint,step,metric,value,std,num_real,num_fake,split,network,weights,bn_statistics,seed
s3gan.gin,model.ckpt-0,0,fid,40.0,0.1,1000,1000,test,digits,ema,moving,0
s3gan.gin,model.ckpt-8,8,fid,2.0,0.1,1000,1000,test,digits,ema,moving,0
"""
SCORE = Score("model.ckpt-8", 8, "fid", 2.0, 0.1, 1000, 1000, "test", "digits", "ema", "moving", 0)


def command(tmp_path, *given, **bound):
    """Arguments of a study of two seeds of s3gan.gin, with report and runs in tmp_path."""
    bound = dict(configs=["s3gan.gin"], seeds=[0, 1], results=str(tmp_path / "results.csv")) | bound
    bindings = [f"--gin_bindings=study.{name} = {value!r}" for name, value in bound.items()]
    return [*bindings, f"--model_dir={tmp_path / 'runs'}", *given]


def test_only_table_makes_table_and_report_of_what_is_there(tmp_path, capsys):
    (tmp_path / "results.csv").write_text(OLD_RESULTS)
    (tmp_path / "README.md").write_text("<!-- table: results -->\n<!-- end of table -->\n")
    given = command(tmp_path, "--only_table", document=str(tmp_path / "README.md"), report=str(tmp_path / "r.html"))
    assert study.main(given) == 0
    assert "| `s3gan.gin` | 1 | 2 | 20 |" in capsys.readouterr().out
    assert "| `s3gan.gin` | 1 | 2 | 20 |" in (tmp_path / "README.md").read_text()
    assert "1 of 2 runs are finished" in (tmp_path / "r.html").read_text()
    assert (tmp_path / "results.csv").read_text() == OLD_RESULTS


def test_list_prints_the_plan_with_states(tmp_path, capsys):
    (tmp_path / "results.csv").write_text(OLD_RESULTS)
    assert study.main(command(tmp_path, "--list")) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["finished", "s3gan-seed0"],
        ["not", "started", "s3gan-seed1"],
        ["1", "of", "2", "runs", "finished"],
    ]
    assert not (tmp_path / "runs").exists()


def test_different_protocols_are_refused_or_marked(tmp_path, capsys):
    (tmp_path / "results.csv").write_text(OLD_RESULTS + OLD_RESULTS.splitlines()[-1].replace("test", "train") + "\n")
    assert study.main(command(tmp_path, "--only_table")) == 2
    assert "error: study.results: scores of different protocols" in capsys.readouterr().err
    assert study.main(command(tmp_path, "--only_table", "--mix_protocols")) == 0
    assert "2 [a, b]" in capsys.readouterr().out


@pytest.mark.parametrize(
    "given, bound, message",
    [
        ([], dict(configs=["no.gin", "s3gan.gin", "nor.gin"]), "2 do not exist: no.gin, nor.gin"),
        (["--jobs=0"], {}, "--jobs: expected 1 or more, got 0"),
        ([], dict(vary={"a.b": 3}), "study.vary['a.b']: expected a list of choices"),
        ([], dict(seeds=["0"]), "study.seeds: expected"),
        (["--gin_config=studies/mnist_5.gin"], {}, "did you mean studies/mnist_5k.gin"),
        (["--only_tabel"], {}, "unknown flag --only_tabel; did you mean "),
    ],
)
def test_what_cannot_be_run_is_one_message(tmp_path, capsys, given, bound, message):
    assert study.main(command(tmp_path, *given, **bound)) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and not (tmp_path / "results.csv").exists()


def test_without_a_configuration_it_says_what_to_run(capsys):
    assert study.main([]) == 2
    assert "try compare_gan2 study --gin_config=studies/mnist_5k.gin" in capsys.readouterr().err


@pytest.mark.parametrize("given", [["--help"], *(example.split() for example in study.EXAMPLES)])
def test_help_and_plan_need_no_tensorflow(given, tmp_path):
    code = f"import sys; from compare_gan2 import study; c = study.main({[*given, '--list']}); "
    code += "sys.exit(c or 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert ("--only_table" if "--help" in given else " runs finished") in done.stdout


def test_failed_runs_are_reported_at_the_end(tmp_path, capsys, monkeypatch):
    def failing(run, folder):
        return [sys.executable, "-c", "raise SystemExit('no luck')"]

    monkeypatch.setattr(runs, "run_missing", functools.partial(runs.run_missing, command_of=failing))
    assert study.main(command(tmp_path)) == 1
    error = capsys.readouterr().err
    assert "failed: s3gan-seed0, exit code 1" in error and "failed: s3gan-seed1" in error and "    no luck" in error
    assert "2 failed" in (tmp_path / "runs" / "results" / "report.html").read_text()


def test_failed_runs_are_reported_even_where_the_table_is_refused(tmp_path, capsys, monkeypatch):
    document = tmp_path / "README.md"
    document.write_text("<!-- table: results -->\n<!-- end of table -->\n")

    def failing(run, folder):
        spoil = f"open({str(document)!r}, 'w').write('no marks')"
        return [sys.executable, "-c", f"{spoil}; raise SystemExit('no luck')"]

    monkeypatch.setattr(runs, "run_missing", functools.partial(runs.run_missing, command_of=failing))
    assert study.main(command(tmp_path, document=str(document), report=str(tmp_path / "r.html"))) == 2
    error = capsys.readouterr().err
    assert "    no luck" in error.split("failed: s3gan-seed1")[1].split("error: study.document: ")[0]
    assert (tmp_path / "r.html").exists()


@pytest.mark.parametrize("text, message", [("no marks", "has 0 places marked"), (None, "cannot be read")])
def test_a_document_without_a_place_for_the_table_is_refused_first(tmp_path, capsys, monkeypatch, text, message):
    monkeypatch.setattr(runs, "run_missing", lambda *given: pytest.fail("runs are started"))
    document = tmp_path / "README.md"
    if text:
        document.write_text(text)
    assert study.main(command(tmp_path, document=str(document))) == 2
    assert f"error: study.document: {document} {message}" in capsys.readouterr().err


def test_one_study_at_a_time(tmp_path, capsys):
    from compare_gan2.run_folder.model_directory import ModelDirectory

    with ModelDirectory(tmp_path / "runs" / "results").writing():
        assert study.main(command(tmp_path)) == 2
    assert "another process is training" in capsys.readouterr().err


@pytest.mark.parametrize("name, runs", [("fewer_labels", 63), ("mixed_precision", 6), ("mnist_5k", 12)])
def test_shipped_results_are_complete_and_make_the_table_of_their_document(name, runs, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    config = f"studies/{name}.gin"
    assert study.main([f"--gin_config={config}", "--list"]) == 0
    assert capsys.readouterr().out.endswith(f"{runs} of {runs} runs finished\n")
    shipped = parse([config]).build(Study)
    summary = Summary(shipped, read_results(pathlib.Path(shipped.results)), label_fractions(shipped))
    before, after = place_of_table(pathlib.Path(shipped.document), name)
    assert pathlib.Path(shipped.document).read_text() == f"{before}{markdown_table(summary)}\n{after}"


def test_shipped_archives_hold_the_planned_runs_and_the_summary_of_the_results():
    for name in ("fewer_labels", "mixed_precision"):
        shipped = parse([f"studies/{name}.gin"]).build(Study)
        archive = ROOT / "results" / name
        planned = {f"{run.name}-losses.csv" for run in runs_of(shipped)}
        planned |= {f"{run.name}-samples.png" for run in runs_of(shipped) if run.seed == 0}
        found = {path.name for path in archive.iterdir()}
        assert found - {"summary.csv", "fid_by_fraction.png"} == planned
        rows = read_results(ROOT / shipped.results)
        assert Summary(shipped, rows, label_fractions(shipped)).as_csv() == (archive / "summary.csv").read_text()


def test_a_study_that_is_interrupted_resumes(tmp_path, capsys, monkeypatch):
    def hanging(run, folder):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        return [sys.executable, "-c", "import time; time.sleep(600)"]

    def writing(run, folder):
        folder.mkdir()
        ScoresFile(folder / "scores.csv").append([SCORE])
        return [sys.executable, "-c", ""]

    run_missing = runs.run_missing
    monkeypatch.setattr(runs, "run_missing", functools.partial(run_missing, command_of=hanging))
    assert study.main(command(tmp_path)) == 143
    assert capsys.readouterr().err == "error: stopped by SIGTERM; the same command resumes\n"
    assert not (tmp_path / "results.csv").exists()
    monkeypatch.setattr(runs, "run_missing", functools.partial(run_missing, command_of=writing))
    assert study.main(command(tmp_path)) == 0
    assert len(read_results(tmp_path / "results.csv")) == 2


def test_samples_of_a_real_run_are_archived(tmp_path, capsys, monkeypatch):
    tiny = {"options.architecture": "tiny_arch", "options.batch_size": 4, "options.z_dim": 6, "options.disc_iters": 1}
    tiny |= {"options.training_steps": 1, "standing_statistics.num_samples": 64, "run_config.single_core": True}
    given = command(
        tmp_path,
        configs=["mnist_5k/biggan.gin"],
        seeds=[3],
        bindings=[f"{name} = {value!r}" for name, value in tiny.items()],
    )

    def here(run, folder):
        """Trains with the command of a run in this process, which knows the tiny networks; the score is made up."""
        tf.config.run_functions_eagerly(True)  # tracing would take longer than the one step
        try:
            command = runs.training_command(run, folder)[3:]
            assert main.main([*command, "--schedule=train", "--data_fake_dataset"]) == 0
        finally:
            tf.config.run_functions_eagerly(False)
        ScoresFile(folder / "scores.csv").append([dataclasses.replace(SCORE, seed=run.seed)])
        return [sys.executable, "-c", ""]

    for name in ("score_curves", "loss_curves"):
        monkeypatch.setattr(charts, name, lambda *_: [])
    monkeypatch.setattr(runs, "run_missing", functools.partial(runs.run_missing, command_of=here))
    assert study.main(given) == 0
    rows = read_results(tmp_path / "results.csv")
    assert [(row["seed"], row["bindings"][:36]) for row in rows] == [("3", "options.architecture = 'tiny_arch'; ")]
    (folder,) = [path for path in (tmp_path / "runs" / "results").iterdir() if path.is_dir()]
    images = load_sampler(folder).sample_classes([0, 9], 8)
    archived = tmp_path / "results" / f"{folder.name}-samples.png"
    shown = np.asarray(Image.open(archived), np.float32)[::2, ::2] / 255  # enlarged twice
    np.testing.assert_allclose(shown[1:33, 34:66], images[0, 1, :, :, 0], atol=0.003)
    np.testing.assert_allclose(shown[1 + 9 * 33 :][:32, 1:33], images[1, 0, :, :, 0], atol=0.003)
    capsys.readouterr()
    shutil.rmtree(tmp_path / "runs")
    assert study.main(given) == 0  # rows are enough
    assert "--- " not in capsys.readouterr().out and not [path for path in (tmp_path / "runs").glob("*/*-seed3")]
