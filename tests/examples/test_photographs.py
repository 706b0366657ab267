"""The script that cuts photographs into crops, on photographs that the test makes up."""

import runpy
import sys

import numpy as np
import pytest
from PIL import Image

import compare_gan2

SCRIPT = compare_gan2.__path__[0] + "/../examples/photographs/prepare.py"
script = runpy.run_path(SCRIPT)
main, prepare, PHOTOGRAPHS = (script[name] for name in ("main", "prepare", "PHOTOGRAPHS"))


def read(name):
    """A photograph that is brighter to the right, of a colour of its own."""
    values = np.zeros([60, 90, 3], np.uint8)
    values[..., 0] = np.arange(90)
    values[..., 2] = 10 * PHOTOGRAPHS.index(name)
    return values


def test_crops_of_every_photograph(tmp_path):
    assert prepare(tmp_path / "a", 16, 5, read) == 5 * len(PHOTOGRAPHS)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(PHOTOGRAPHS)
    spans = set()
    for number, name in enumerate(PHOTOGRAPHS):
        for path in (tmp_path / "a" / name).iterdir():
            values = np.asarray(Image.open(path)).astype(int)
            assert values.shape == (16, 16, 3) and np.all(values[..., 2] == 10 * number)
            assert np.all(np.diff(values[..., 0]) >= 0)
            spans.add(values[0, -1, 0] - values[0, 0, 0])
    assert min(spans) < 30 <= max(spans) <= 48  # regions of one to three times the side


def test_the_same_in_every_call(tmp_path):
    for name in ("a", "b"):
        prepare(tmp_path / name, 16, 3, read)
    first, second = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.png")}
        for name in ("a", "b")
    )
    assert first == second and len(set(first.values())) == 3 * len(PHOTOGRAPHS)


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--side=0", "--side: expected a whole number from 1 to 256, got 0"),
        ("--crops=0", "--crops: expected a whole number from 1 to 100000, got 0"),
    ],
)
def test_sizes_out_of_range(tmp_path, capsys, flag, message):
    assert main([f"--output={tmp_path / 'a'}", flag]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("")
    assert main([f"--output={tmp_path}"]) == 2
    assert "--output: expected a folder that does not exist or is empty" in capsys.readouterr().err


def test_without_scikit_image(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    assert main([f"--output={tmp_path / 'a'}"]) == 2
    assert "pip install scikit-image" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
