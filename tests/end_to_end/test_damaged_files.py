"""A damaged, emptied or deleted file of a run is made good, or named; numbers never change in silence."""

import csv
import itertools
import re
import shutil

import numpy as np
import pytest
from support import tiny_run

from compare_gan2.reporting.tensorboard import cut_after

FLAGS = ["--schedule=train_and_eval"]
BINDINGS = {"run_config__eval_every_steps": 3, "run_config__best_metric": "'fid'"}
DAMAGES = ("cut", "emptied", "flipped", "deleted")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged") / "run"
    result = tiny_run.quick(folder, *FLAGS, **BINDINGS)
    assert result.code == 0, result.err
    return folder


def killed(folder):
    """As a kill before the last step leaves a folder: step 6 is not saved, its rows are written."""
    for path in [folder / "TRAIN_DONE", folder / "finished.json", folder / "standing-6.npz", *folder.glob("*-6.*")]:
        path.unlink(missing_ok=True)
    (folder / "samples" / "step-6.png").unlink()
    return folder


def damage(path, how):
    content = path.read_bytes()
    if how == "deleted":
        path.unlink()
    elif how == "flipped":
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :])
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut" else b"")


def require_same_or_named(expected, folder, name):
    """Runs again: the end state is that of the run that was not damaged, or one message names the file."""
    result = tiny_run.quick(folder, *FLAGS, **BINDINGS)
    assert "Traceback" not in result.out + result.err
    if result.code:
        assert result.code in (1, 2)
        assert name.removeprefix(".").removesuffix(".sha256") in tiny_run.error_line(result)
        return result
    want, got = tiny_run.values(expected, 6), tiny_run.values(folder, 6)
    assert want.keys() == got.keys()
    assert all(np.array_equal(want[key], got[key]) for key in want)
    for file in ("training.csv", "scores.csv"):
        if f"{file}: missing" not in result.out:
            with open(expected / file) as a, open(folder / file) as b:
                assert list(csv.reader(a)) == list(csv.reader(b)), file
    for picture in ("samples.png", "samples/step-0.png", "samples/step-3.png", "samples/step-6.png"):
        assert (folder / picture).read_bytes() == (expected / picture).read_bytes(), picture
    assert not list(folder.rglob("*.tmp"))
    return result


def files_of(folder):
    """Names of the files that hold anything, one of those that differ by a number only."""
    names = sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.stat().st_size
    )
    return list({re.sub(r"\d+", "N", name): name for name in names}.values())


CASES = [
    ("checkpoint", "emptied"),
    ("operative_config-0.gin", "emptied"),
    ("training.csv", "flipped"),
    ("scores.csv", "flipped"),
]


@pytest.mark.parametrize(("name", "how"), CASES)
def test_a_killed_run_with_a_damaged_file(name, how, finished, tmp_path):
    folder = killed(shutil.copytree(finished, tmp_path / "run"))
    (folder / ".scores.csv.1.tmp").write_text("half")
    damage(folder / name, how)
    result = require_same_or_named(finished, folder, name)
    refused = name in ("operative_config-0.gin", "training.csv")
    assert result.code == (2 if refused else 0), result.err
    if name == "scores.csv":
        assert "scores.csv: damaged: restored from scores.jsonl" in result.out


def test_pictures_and_events_of_a_checkpoint_are_made_good(finished, tmp_path):
    folder = killed(shutil.copytree(finished, tmp_path / "run"))
    (folder / "samples" / "step-3.png").unlink()
    for path in folder.glob("events.*"):
        path.unlink()
    result = require_same_or_named(finished, folder, "events")
    assert result.code == 0, result.err
    known = cut_after(folder, 6)
    assert {("images/generated", step) for step in (0, 3, 6)} <= known
    assert {("score/fid", 3), ("score/fid", 6)} <= known


@pytest.mark.slow
@pytest.mark.parametrize("is_killed", [False, True])
def test_every_file_of_a_run(is_killed, finished, tmp_path):
    """A file of each kind in one of the ways, which take turns: all of all files take an hour.

    A killed run trains again after each of them, so it is spared those that a finished one reads as it does, the
    pictures and the digests beside files, and those that are damaged above.
    """
    names, start = files_of(finished), finished
    if is_killed:
        start = killed(shutil.copytree(finished, tmp_path / "start"))
        names = [name for name in files_of(start) if not name.endswith((".png", ".sha256")) and name not in dict(CASES)]
    failed = {}
    for name, how in zip(names, itertools.cycle(DAMAGES), strict=False):
        folder = shutil.copytree(start, tmp_path / "run")
        damage(folder / name, how)
        try:
            require_same_or_named(finished, folder, name)
        except Exception as error:  # all files are tried before the test fails
            failed[name, how] = repr(error)[:400]
        shutil.rmtree(folder)
    assert not failed


def test_a_damaged_name_of_the_best_checkpoint_is_told(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "run")
    expected = (folder / "best.json").read_bytes()
    (folder / "best.json").write_bytes(bytes(len(expected)))
    result = tiny_run.quick(folder, *FLAGS, **BINDINGS)
    assert result.code == 0 and "best.json: " in result.out and "It is written again now" in result.out
    assert (folder / "best.json").read_bytes() == expected
