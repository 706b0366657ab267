"""scores.csv and scores.jsonl: what is written comes back whole, from several processes and older versions."""

import csv
import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

import compare_gan2
from compare_gan2.ground import sealed_files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.run_folder.scores import COLUMNS, OLDER_COLUMNS, Score, ScoresFile

OLD_HEADER = "checkpoint,step,metric,value,std,num_real,num_fake,split,network,weights,bn_statistics,seed"
NEW = "dataset,low,high,num_runs,network_checksum,resize,truncation,label_prior,settings,code_version"
HEADER = f"{OLD_HEADER},{NEW},caution"
SOURCE = pathlib.Path(compare_gan2.__file__).parents[1]
APPEND_MANY = """
import dataclasses, sys
from compare_gan2.run_folder.scores import Score, ScoresFile
file = ScoresFile(sys.argv[1])
for step in range(int(sys.argv[3])):
    score = Score(f"{sys.argv[2]}-{step}", step, "fid", 1 / 3, 0.5, 10, 10, "test", "digits", "ema", "moving", 0)
    file.append([score, dataclasses.replace(score, metric="kid")])
    if step == 5: print("five", flush=True)
"""


def score(**changes):
    values = dict(
        checkpoint="model.ckpt-500",
        step=500,
        metric="fid",
        value=12.25,
        std=0.5,
        num_real=1000,
        num_fake=1000,
        split="test",
        network="digits",
        weights="ema",
        bn_statistics="accumulated",
        seed=7,
        dataset="mnist_5k",
        low=11.5,
        high=13.0,
        num_runs=3,
        network_checksum="0f" * 32,
        resize="none",
        truncation="none",
        label_prior="uniform",
        settings="k=3; power=1.0",
        code_version="0.1.0+abc",
    )
    return Score(**(values | changes))


def failed(**changes):
    return score(**(dict(value=None, std=None, low=None, high=None, reason="features hold NaN") | changes))


def test_header_and_row_are_as_published(tmp_path):
    path = tmp_path / "scores.csv"
    ScoresFile(path).append([score()])
    row = "model.ckpt-500,500,fid,12.25,0.5,1000,1000,test,digits,ema,accumulated,7"
    new = f"mnist_5k,11.5,13.0,3,{'0f' * 32},none,none,uniform,k=3; power=1.0,0.1.0+abc,"
    assert path.read_text() == f"{HEADER}\n{row},{new}\n"
    assert ",".join(COLUMNS) == HEADER and ",".join(OLDER_COLUMNS[0]) == OLD_HEADER


def test_lines_hold_the_same_as_the_table(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([score(), failed()])
    file.append([score(metric="kid", low=None, high=None, settings=None)])
    lines = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    assert [Score(**line) for line in lines] == file.read() == [score(), failed(), score(**unknown_kid())]
    assert all(list(line)[: len(COLUMNS)] == list(COLUMNS) for line in lines)
    assert [line.get("reason") for line in lines] == [None, "features hold NaN", None]


def unknown_kid():
    return dict(metric="kid", low=None, high=None, settings=None)


OLD_ROW = "model.ckpt-1,1,fid,3.5,1.0,10,10,test,digits,ema,moving,0"


def test_a_file_of_an_older_version_is_read_with_unknown_fields(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.path.write_text(f"{OLD_HEADER}\n{OLD_ROW}\n")
    old = Score("model.ckpt-1", 1, "fid", 3.5, 1.0, 10, 10, "test", "digits", "ema", "moving", 0)
    assert file.read() == [old]
    assert (old.dataset, old.num_runs, old.low, old.settings) == (None, None, None, None)
    assert file.path.read_text() == f"{OLD_HEADER}\n{OLD_ROW}\n"  # reading changes nothing


def test_adding_to_a_file_of_an_older_version_gives_it_the_new_columns(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.path.write_text(f"{OLD_HEADER}\n{OLD_ROW}\n")
    (old,) = file.read()
    file.append([score()])
    assert file.read() == [old, score()]
    assert file.path.read_text().splitlines()[:2] == [HEADER, OLD_ROW + "," * 11]


def test_a_file_from_before_cautions_is_read_and_added_to(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([score()])
    header, row = file.path.read_text().splitlines()
    file.path.write_text(f"{header.removesuffix(',caution')}\n{row.removesuffix(',')}\n")
    sealed_files.seal_path(file.path).unlink()  # files of that time have none
    assert file.read() == [score()]
    with_caution = score(step=600, caution="20 real images, too few")
    file.append([with_caution])
    assert file.read() == [score(), with_caution]
    assert file.path.read_text().splitlines()[:2] == [header, row]


def test_a_row_that_is_not_defined_is_not_a_failure(tmp_path):
    file, undefined = ScoresFile(tmp_path / "scores.csv"), failed(reason="", caution="a single block")
    file.append([undefined])
    assert file.read() == [undefined] and not undefined.has_failed and not file.failed_path.exists()
    assert undefined.in_words() == "fid - (caution: a single block)"
    assert score(caution="few").in_words() == "fid 12.25 +- 0.5 (caution: few)"


def test_scores_come_back_equal_over_several_appends(tmp_path):
    numbers = np.random.default_rng(0).standard_normal(200) * 10.0 ** np.arange(-100, 100)
    scores = [score(step=step, value=float(number), std=abs(float(number)) / 3) for step, number in enumerate(numbers)]
    scores += [score(num_real=None, std=None, seed=None), score(network='with, comma and "quotes"'), failed()]
    scores += [score(low=None, high=None, num_runs=None, settings=None)]
    file = ScoresFile(tmp_path / "scores.csv")
    file.append(scores[:50])
    file.append(scores[50:])
    assert ScoresFile(tmp_path / "scores.csv").read() == scores


def test_numpy_numbers_are_written_as_plain_ones(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([score(step=np.int64(3), value=np.float32(0.1), std=np.float64(0.2), num_fake=np.int32(9))])
    assert "np." not in file.path.read_text()
    assert file.read() == [score(step=3, value=float(np.float32(0.1)), std=0.2, num_fake=9)]


def test_a_failed_score_is_an_empty_cell_with_its_reason_in_a_file_beside(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([failed(reason="features hold NaN,\nall of them"), score(metric="classifier_score")])
    rows = list(csv.DictReader(file.path.open()))
    assert (rows[0]["value"], rows[0]["std"], rows[0]["num_fake"]) == ("", "", "1000")
    assert list(csv.DictReader((tmp_path / "scores_failed.csv").open())) == [
        dict(checkpoint="model.ckpt-500", step="500", metric="fid", reason="features hold NaN, all of them")
    ]
    assert [s.reason for s in file.read()] == ["features hold NaN, all of them", ""]


def test_reasons_of_two_failures_of_one_metric_are_both_read(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([failed(reason="first"), failed(weights="raw", reason="second")])
    assert [s.reason for s in file.read()] == ["first; second"] * 2


def test_no_failure_no_side_file(tmp_path):
    ScoresFile(tmp_path / "scores.csv").append([score()])
    assert not (tmp_path / "scores_failed.csv").exists()


@pytest.mark.parametrize(
    "changes, message",
    [
        (dict(value=float("nan")), "value must be a finite number or None with a reason, got nan"),
        (dict(value=float("inf")), "value must be .* got inf"),
        (dict(std=float("nan")), "std must be .* got nan"),
        (dict(value=None, std=None), "needs a reason or a caution, got none"),
        (dict(value=None, reason="x"), "has no std, got 0.5"),
        (dict(reason="x"), "only a failed score has a reason, got 12.25 and 'x'"),
        (dict(low=None), "expected an interval low <= high or none, got None to 13.0"),
        (dict(low=14.0), "expected an interval low <= high or none, got 14.0 to 13.0"),
        (dict(low=float("nan")), "low must be .* got nan"),
    ],
)
def test_a_score_that_says_nothing_true_cannot_be_made(changes, message):
    with pytest.raises(ValueError, match="score fid of model.ckpt-500: .*" + message):
        score(**changes)


def test_scored_checkpoints(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    assert file.read() == [] and file.scored_checkpoints() == {}
    file.append([score(), score(metric="kid"), failed(checkpoint="model.ckpt-1000", step=1000)])
    assert file.scored_checkpoints() == {"model.ckpt-500": {"fid", "kid"}, "model.ckpt-1000": {"fid"}}


@pytest.mark.parametrize("name", ["scores.csv", "scores_failed.csv"])
def test_a_file_with_another_header_is_refused_and_not_touched(tmp_path, name):
    (tmp_path / name).write_text("step,fid\n1,2\n")
    file = ScoresFile(tmp_path / "scores.csv")
    expected = HEADER if name == "scores.csv" else "checkpoint,step,metric,reason"
    for action in (file.read, lambda: file.append([failed()])):
        with pytest.raises(DamagedFileError, match=f"{name}: expected the header '{expected}', got 'step,fid'"):
            action()
    assert (tmp_path / name).read_text() == "step,fid\n1,2\n"
    assert [entry for entry in os.listdir(tmp_path) if not entry.startswith(".")] == [name]


@pytest.mark.parametrize(
    "row, message",
    [
        ("model.ckpt-1,1,fid,3", "line 2: expected 12 cells, got 4"),
        ("model.ckpt-1,one,fid,3,1,1,1,test,digits,ema,moving,0", "line 2: not a score: .*'one'"),
        ("model.ckpt-1,1,fid,nan,1,1,1,test,digits,ema,moving,0", "line 2: not a score: .*got nan"),
    ],
)
def test_a_damaged_row_is_named(tmp_path, row, message):
    (tmp_path / "scores.csv").write_text(f"{OLD_HEADER}\n{row}\n")
    with pytest.raises(DamagedFileError, match=f"scores.csv, {message}"):
        ScoresFile(tmp_path / "scores.csv").read()


def test_a_missing_last_newline_does_not_join_two_rows(tmp_path):
    file = ScoresFile(tmp_path / "scores.csv")
    file.append([score()])
    file.path.write_text(file.path.read_text().rstrip("\n"))
    with pytest.raises(DamagedFileError, match="changed since it was written .* delete .scores.csv.sha256 beside it"):
        file.read()
    sealed_files.seal_path(file.path).unlink()  # accepts the file as it is
    file.append([score(step=501)])
    assert file.read() == [score(), score(step=501)]


def test_two_processes_lose_no_row(tmp_path):
    path = tmp_path / "scores.csv"
    command = [sys.executable, "-c", APPEND_MANY, path]
    processes = [subprocess.Popen([*command, name, "40"], cwd=SOURCE, stdout=subprocess.PIPE) for name in "ab"]
    for process in processes:
        process.communicate(timeout=100)
        assert process.returncode == 0
    expected = {f"{name}-{step}" for name in "ab" for step in range(40)}
    scores = ScoresFile(path).read()
    assert {s.checkpoint for s in scores} == expected and len(scores) == 160


def test_kill_9_leaves_whole_checkpoints_only(tmp_path):
    path = tmp_path / "scores.csv"
    process = subprocess.Popen(
        [sys.executable, "-c", APPEND_MANY, path, "a", "1000000"], cwd=SOURCE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"five\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=100)
    assert process.returncode == -signal.SIGKILL
    scores = ScoresFile(path).read()
    assert len(scores) >= 12 and [s.metric for s in scores] == ["fid", "kid"] * (len(scores) // 2)
    ScoresFile(path).append([score()])
    assert ScoresFile(path).read() == [*scores, score()]


def test_size_and_a_missing_step_are_of_other_images_and_not_of_runs(tmp_path):
    other = score(step=None, size="clean to 64")
    assert (other.step, other.size, score().size) == (None, "clean to 64", "none")
    assert "size" not in COLUMNS
    ScoresFile(tmp_path / "scores.csv").append([score(), failed()])
    assert '"size"' not in (tmp_path / "scores.jsonl").read_text()


def test_a_score_in_words():
    assert score().in_words() == "fid 12.25 +- 0.5"
    assert score(std=None).in_words() == "fid 12.25"
    assert score(std=0.0, num_runs=1).in_words() == "fid 12.25"  # of one set, nothing is known of the spread
    assert failed().in_words() == "fid failed (features hold NaN)"


def test_scores_are_values():
    assert score() == dataclasses.replace(score(seed=1), seed=7)
    with pytest.raises(dataclasses.FrozenInstanceError):
        score().value = 1.0
