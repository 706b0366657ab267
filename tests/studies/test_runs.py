import dataclasses
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from support.fake_study import command_of, score

from compare_gan2.config.configuration import parse
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.scores import ScoresFile
from compare_gan2.studies import runs
from compare_gan2.studies.plan import Study, runs_of
from compare_gan2.studies.results import RESULT_COLUMNS, add_results, read_results

STUDY = Study(["s3gan.gin", "mnist_5k/ssgan.gin"], [0, 1], "unused.csv")
OLD_RESULTS = """\
config,checkpoint,step,metric,value,std,num_real,num_fake,split,network,weights,bn_statistics,seed
s3gan.gin,model.ckpt-0,0,fid,40.0,0.1,1000,1000,test,digits,ema,moving,0
s3gan.gin,model.ckpt-8,8,fid,2.0,0.1,1000,1000,test,digits,ema,moving,0
"""


def run_missing(tmp_path, study=STUDY, jobs=1, **fake):
    return runs.run_missing(study, tmp_path / "r.csv", tmp_path / "runs", jobs, command_of(tmp_path, **fake))


def values(tmp_path):
    rows = read_results(tmp_path / "r.csv")
    return [(row["config"], row["bindings"], row["seed"], row["step"], row["value"]) for row in rows]


def starts(tmp_path):
    """{name of a run: how often it was started}."""
    return {path.parent.name: len(path.read_text()) for path in (tmp_path / "runs").glob("*/starts")}


def states(tmp_path):
    rows = read_results(tmp_path / "r.csv")
    return [runs.state_of(run, rows, tmp_path / "runs") for run in runs_of(STUDY)]


def test_the_shipped_study_of_few_labels_runs_what_is_missing_and_resumes(tmp_path):
    study = dataclasses.replace(parse(["studies/one_label.gin"]).build(Study), seeds=[0])
    (failure,) = run_missing(tmp_path, study, fails=[("mnist_5k/biggan.gin", 0)])
    assert failure.run.setting.config == "mnist_5k/biggan.gin" and len(starts(tmp_path)) == 31
    assert not run_missing(tmp_path, study) and not run_missing(tmp_path, study)
    assert sorted(starts(tmp_path).values()) == [1] * 30 + [2]
    assert len({(config, bindings) for config, bindings, *_ in values(tmp_path)}) == 31


def test_runs_what_is_missing_and_resumes(tmp_path):
    (failure,) = run_missing(tmp_path, fails=[("mnist_5k/ssgan.gin", 1)])
    assert (failure.run.name, failure.code) == ("mnist_5k_ssgan-seed1", 1)
    assert failure.log == "training mnist_5k/ssgan.gin\nboom of mnist_5k/ssgan.gin"
    assert states(tmp_path) == ["finished", "finished", "finished", "failed (exit code 1)"]
    assert not run_missing(tmp_path)
    assert starts(tmp_path) == {
        "s3gan-seed0": 1,
        "mnist_5k_ssgan-seed0": 1,
        "s3gan-seed1": 1,
        "mnist_5k_ssgan-seed1": 2,
    }
    assert values(tmp_path) == [
        ("s3gan.gin", "", "0", "0", "40.0"),
        ("s3gan.gin", "", "0", "8", "2.0"),
        ("mnist_5k/ssgan.gin", "", "0", "0", "40.0"),
        ("mnist_5k/ssgan.gin", "", "0", "8", "2.0"),
        ("s3gan.gin", "", "1", "0", "40.0"),
        ("s3gan.gin", "", "1", "8", "3.0"),
        ("mnist_5k/ssgan.gin", "", "1", "0", "40.0"),
        ("mnist_5k/ssgan.gin", "", "1", "8", "3.0"),
    ]
    assert states(tmp_path) == ["finished"] * 4


def test_rows_without_a_folder_count_as_finished(tmp_path):
    run_missing(tmp_path)
    (tmp_path / "runs").rename(tmp_path / "gone")
    assert not run_missing(tmp_path)
    assert not starts(tmp_path)


def test_runs_with_other_bindings_are_other_runs(tmp_path):
    run_missing(tmp_path)
    varied = Study(["s3gan.gin"], [0], "unused.csv", vary={"ModularGAN.g_lr": [1e-4, 2e-4]})
    assert not run_missing(tmp_path, varied)
    assert [row[:3] for row in values(tmp_path)[8::2]] == [
        ("s3gan.gin", "ModularGAN.g_lr = 0.0001", "0"),
        ("s3gan.gin", "ModularGAN.g_lr = 0.0002", "0"),
    ]


def test_jobs_run_at_a_time_and_share_the_cores(tmp_path):
    script = tmp_path / "meet.py"  # succeeds only while the other run is in progress, too
    script.write_text(
        "import os, pathlib, sys, time\n"
        "folder = pathlib.Path(sys.argv[1]); folder.mkdir(parents=True, exist_ok=True)\n"
        "(folder / 'here').touch()\n"
        "deadline = time.time() + 20\n"
        "while len(list(folder.parent.glob('*/here'))) < 2:\n"
        "    time.sleep(0.01)\n"
        "    assert time.time() < deadline\n"
        "print('threads', os.environ.get('TF_NUM_INTRAOP_THREADS'))\n"
        "(folder / 'scores.csv').write_text(pathlib.Path(sys.argv[2]).read_text())\n"
    )
    ScoresFile(tmp_path / "s.csv").append([score(8, "fid", 2.0, 0)])
    study = Study(["s3gan.gin", "mnist_5k/ssgan.gin"], [0], "unused.csv")

    def command(run, folder):
        return [sys.executable, script, folder, tmp_path / "s.csv"]

    assert not runs.run_missing(study, tmp_path / "r.csv", tmp_path / "runs", 2, command)
    threads = max(1, len(os.sched_getaffinity(0)) // 2)
    assert f"threads {threads}\n" in (tmp_path / "runs" / "s3gan-seed0.log").read_text()
    assert [row["threads"] for row in read_results(tmp_path / "r.csv")] == [str(threads)] * 2


def test_results_say_with_how_many_threads_each_run_ran(tmp_path, monkeypatch):
    def threads_of(**fake):
        run_missing(tmp_path, Study(["s3gan.gin"], [0], "unused.csv"), **fake)
        return {row["threads"] for row in read_results(tmp_path / "r.csv")} if (tmp_path / "r.csv").exists() else None

    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert threads_of(fails=[("s3gan.gin", 0)]) is None
    log = tmp_path / "runs" / "s3gan-seed0.log"
    log.write_bytes(log.read_bytes() + b"\rcut by a kill")
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    assert threads_of() == {"1 and 3"}
    (tmp_path / "r.csv").unlink()
    log.write_text("--- starts with 2 threads\n--- goes on with 4 threads\n")  # of an older version
    assert threads_of() == {"1 and 2 and 4"}
    (tmp_path / "r.csv").unlink()
    log.unlink()
    assert threads_of() == {"1 and unknown"}  # without a log of its start
    (tmp_path / "r.csv").unlink()
    (tmp_path / "runs" / "s3gan-seed0").rename(tmp_path / "gone")
    assert threads_of() == {"1"}
    (tmp_path / "r.csv").unlink()
    (tmp_path / "runs" / "s3gan-seed0").rename(tmp_path / "gone again")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS")
    assert threads_of() == {str(len(os.sched_getaffinity(0)))}


def test_a_run_with_damaged_scores_fails(tmp_path):
    (tmp_path / "scores-s3gan-seed0.csv").write_text(
        OLD_RESULTS.replace("config,", "").replace("s3gan.gin,", "") + "x\n"
    )
    (failure,) = run_missing(tmp_path, Study(["s3gan.gin"], [0], "unused.csv"))
    assert failure.code == 1 and "scores.csv, line 4: expected 12 cells, got 1" in failure.log
    assert not (tmp_path / "r.csv").exists()


def test_a_run_without_scores_fails(tmp_path):
    def command(run, folder):
        return [sys.executable, "-c", "print('no scores')"]

    failures = runs.run_missing(STUDY, tmp_path / "r.csv", tmp_path / "runs", 1, command)
    assert len(failures) == 4 and "the run left no scores" in failures[0].log
    assert not (tmp_path / "r.csv").exists()


def test_an_interrupt_ends_the_runs_and_the_study_resumes(tmp_path):
    driver = tmp_path / "driver.py"
    driver.write_text(
        "import pathlib, signal\n"
        "from support.fake_study import command_of\n"
        "from compare_gan2.studies import runs\n"
        "from compare_gan2.studies.plan import Study\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored in background jobs
        "here = pathlib.Path(__file__).parent\n"
        f"study = Study({STUDY.configs}, {STUDY.seeds}, 'unused.csv')\n"
        "commands = command_of(here, hangs=[('mnist_5k/ssgan.gin', 0), ('s3gan.gin', 1)])\n"
        "runs.run_missing(study, here / 'r.csv', here / 'runs', 2, commands)\n"
    )
    tests = pathlib.Path(__file__).parents[1]
    paths = os.pathsep.join([str(tests), *filter(None, sys.path)])
    hanging = [tmp_path / "runs" / name / "hangs" for name in ("mnist_5k_ssgan-seed0", "s3gan-seed1")]
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        for path in hanging:
            path.unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, driver], env=os.environ | {"PYTHONPATH": paths}, stderr=subprocess.PIPE, text=True
        )
        deadline = time.monotonic() + 60
        while not all(path.exists() for path in hanging) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(ending)
        _, error = process.communicate(timeout=60)
        assert process.returncode and (ending == signal.SIGKILL or f"stopped by {ending.name}" in error)
        for _ in range(100):
            left = [path for path in _commands() if str(tmp_path / "fake_run.py") in path]
            if not left:
                break
            time.sleep(0.05)
        assert not left
    assert states(tmp_path) == ["finished", "unfinished", "unfinished", "not started"]
    assert not run_missing(tmp_path)
    assert starts(tmp_path) == {
        "s3gan-seed0": 1,
        "mnist_5k_ssgan-seed0": 4,
        "s3gan-seed1": 4,
        "mnist_5k_ssgan-seed1": 1,
    }


def _commands():
    """Command lines of all processes."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline") as file:
                found.append(file.read().replace("\0", " "))
        except OSError:  # it ended meanwhile
            continue
    return found


def test_results_with_another_header_are_refused_and_kept(tmp_path):
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DamagedFileError, match="expected the header config,bindings,config_digest,data_digest,thr"):
        run_missing(tmp_path)
    assert (tmp_path / "r.csv").read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize(
    "good, bad, message",
    [
        ("moving,0\n", "moving,\n", "seed: expected a whole number, got ''"),
        ("fid,2.0", "fid,abc", "value: expected a finite number or nothing, got 'abc'"),
        ("fid,2.0", "fid,nan", "value: expected a finite number or nothing, got 'nan'"),
        ("ckpt-8,8", "ckpt-8,1.5", "step: expected a whole number, got '1.5'"),
        (",moving,0\n", "\n", "expected 13 cells"),
    ],
)
def test_damaged_rows_are_named_by_line(tmp_path, good, bad, message):
    before, last = OLD_RESULTS.rsplit("s3gan", 1)
    (tmp_path / "r.csv").write_text(f"{before}s3gan{last.replace(good, bad)}")
    with pytest.raises(DamagedFileError, match=f"r.csv, line 3: {message}"):
        read_results(tmp_path / "r.csv")


def test_numbers_are_read_as_they_are_written(tmp_path):
    for value in ("", "1e-07", "-2.5E+3", "7", ".5"):
        (tmp_path / "r.csv").write_text(OLD_RESULTS.replace("fid,2.0", f"fid,{value}"))
        assert read_results(tmp_path / "r.csv")[1]["value"] == value


def test_results_of_an_older_version_are_extended(tmp_path):
    (tmp_path / "r.csv").write_text(OLD_RESULTS)
    rows = read_results(tmp_path / "r.csv")
    assert [(row["dataset"], row["bindings"]) for row in rows] == [("", "")] * 2
    assert not run_missing(tmp_path)
    assert starts(tmp_path).keys() == {"mnist_5k_ssgan-seed0", "s3gan-seed1", "mnist_5k_ssgan-seed1"}
    assert read_results(tmp_path / "r.csv")[:2] == rows
    assert (tmp_path / "r.csv").read_text().splitlines()[0] == ",".join(RESULT_COLUMNS)


def test_rows_are_added_all_or_none(tmp_path, monkeypatch):
    run = runs_of(STUDY)[0]
    ScoresFile(tmp_path / "s.csv").append([score(0, "fid", 40.0, 0), score(8, "fid", 2.0, 0)])
    assert add_results(tmp_path / "r.csv", run, tmp_path / "s.csv", {8: 60.25}) == 2
    assert [row["train_seconds"] for row in read_results(tmp_path / "r.csv")] == ["0", "60.2"]
    before = (tmp_path / "r.csv").read_bytes()

    def full_disk(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        add_results(tmp_path / "r.csv", runs_of(STUDY)[1], tmp_path / "s.csv", {})
    assert (tmp_path / "r.csv").read_bytes() == before
