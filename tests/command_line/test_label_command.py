"""`compare_gan2 label`: which images to label."""

import csv

import numpy as np
import pytest
from PIL import Image
from support.web_pages import Page

from compare_gan2 import label
from compare_gan2.labelling.chosen_images import ChosenImages
from compare_gan2.labelling.selection_files import contact_sheet


def refused(capsys, *arguments):
    """The one line with which the command refuses its arguments."""
    assert label.main(list(map(str, arguments))) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    return line


def test_files_of_a_selection(tmp_path, capsys):
    given = ["select", "--gin_config=mnist_5k/s3gan_co.gin", "--nouse_labels", "--count=12", "--classes=odd,even"]
    assert label.main([*given, f"--output={tmp_path / 'new' / 'a'}"]) == 0
    printed = capsys.readouterr()
    assert "12 of 4,000 training images of mnist_5k: typical, by digits" in printed.out
    folder = tmp_path / "new" / "a"
    assert sorted(path.name for path in folder.iterdir()) == ["contact_sheet.png", "images.csv", "label.html"]
    with open(folder / "images.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["name"] for row in rows}) == 12 and rows[0].keys() == {"name", "index", "share"}
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-3)
    assert "Labels for mnist_5k" in Page((folder / "label.html").read_text()).text
    assert np.asarray(Image.open(folder / "contact_sheet.png")).std() > 5
    assert label.main([*given, f"--output={tmp_path / 'b'}"]) == 0  # the same again
    for name in ("images.csv", "label.html", "contact_sheet.png"):
        assert (folder / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert "exists; labels may be in it, choose another name" in refused(capsys, *given, f"--output={folder}")


def test_what_cannot_be_chosen_is_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = "--gin_config=mnist_5k/s3gan_co.gin"
    assert "expected one of select, got 'chose'" in refused(capsys, "chose", config, "--count=3")
    assert "--count: expected 1 or more" in refused(capsys, "select", config, "--count=0")
    assert "did you mean digits" in refused(capsys, "select", config, "--count=3", "--network=digit")
    assert "error: --count: expected at most 3600, the training images without a label" in refused(
        capsys, "select", config, "--count=3601"
    )
    assert "error: --classes: expected at most 36 different names, one per key, got a twice" in refused(
        capsys, "select", config, "--count=3", "--classes=a,a"
    )
    for names, got in (
        ("01,1", "01 and 1, which are one class"),
        ("a,-1", "'-1', which labels.file reads as no label"),
    ):
        assert got in refused(capsys, "select", config, "--count=3", f"--classes={names}")
    assert not list(tmp_path.iterdir())


def test_a_contact_sheet_has_all_images():
    images = np.full([23, 8, 8, 3], 200, np.uint8)
    names, shares = [f"folder/{number}.png" for number in range(23)], np.full(23, 1 / 23)
    chosen = ChosenImages("pets", ("a",), np.arange(23), names, shares, images, 100, 0, "digits")
    sheet = contact_sheet(chosen)
    assert np.sum(np.all(sheet == 200, axis=-1)) >= 23 * 64
