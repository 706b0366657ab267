"""The script that makes a folder of drawings, on a package that the test makes up."""

import io
import json
import runpy
import tarfile

import numpy as np
import pytest
from PIL import Image
from support.bound_dataset import opened

import compare_gan2
from compare_gan2.datasets.pictures.folder_listing import list_pictures

SCRIPT = compare_gan2.__path__[0] + "/../examples/emoji/prepare.py"
main = runpy.run_path(SCRIPT)["main"]
CATEGORIES = ["Food & Drink", "Flags", "Component"]


def drawing(number):
    """Bytes of a PNG file, its upper half transparent."""
    values = np.full([8, 8, 4], 10 * number, np.uint8)
    values[:4, :, 3], values[4:, :, 3] = 0, 255
    written = io.BytesIO()
    Image.fromarray(values).save(written, "PNG")
    return written.getvalue()


def write_package(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def package(tmp_path):
    """Twelve drawings in three categories, a variant in another skin tone, an entry without a drawing."""
    entries, files = [], {}
    for number in range(12):
        entries.append({"image": f"{number}.png", "category": CATEGORIES[number % 3], "skin_variations": {}})
        files[f"package/img/google/64/{number}.png"] = drawing(number)
    entries[0]["skin_variations"] = {"1F3FB": {"image": "0-1f3fb.png"}}
    files["package/img/google/64/0-1f3fb.png"] = drawing(20)
    entries.append({"image": "missing.png", "category": "Flags"})
    files["package/emoji.json"] = json.dumps(entries).encode()
    return write_package(tmp_path / "emoji.tgz", files)


def test_drawings_are_sorted_into_classes(package, tmp_path, capsys):
    folder = tmp_path / "emoji"
    assert main([str(package), f"--output={folder}"]) == 0
    out = capsys.readouterr().out
    assert f"{folder}: 8 drawings in 2 classes: flags 4, food_drink 4" in out and "put on white" in out
    listing = list_pictures(folder)
    assert listing.class_names == ("flags", "food_drink")
    assert listing.names == [f"flags/{n}.png" for n in (1, 10, 4, 7)] + [f"food_drink/{n}.png" for n in (0, 3, 6, 9)]
    values = np.asarray(Image.open(folder / "flags" / "4.png"))
    assert values.shape == (8, 8, 3) and np.all(values[:4] == 255) and np.all(values[4:] == 40)
    assert "Apache License 2.0" in (folder / "LICENCE.txt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emoji", "emoji.tgz"]


def test_the_folder_can_be_trained_on_and_the_same_drawings_are_held_out(package, tmp_path):
    names = []
    for number in range(2):
        folder = tmp_path / str(number) / "emoji"
        folder.parent.mkdir()
        assert main([str(package), f"--output={folder}"]) == 0
        lines = [f"folder.path = '{folder}'", "folder.resolution = 8", "folder.test_fraction = 0.25"]
        dataset = opened("folder", *lines)
        assert (dataset.num_train, dataset.num_test, dataset.num_classes) == (6, 2, 2)
        names.append(sorted(dataset.source.training_names()))
    assert names[0] == names[1]


def test_another_background_or_the_files_as_they_are(package, tmp_path):
    for background in ("#000010", "keep"):
        assert main([str(package), f"--output={tmp_path / background}", f"--background={background}"]) == 0
    assert Image.open(tmp_path / "#000010" / "flags" / "1.png").getpixel((0, 0)) == (0, 0, 16)
    assert (tmp_path / "keep" / "flags" / "1.png").read_bytes() == drawing(1)


def _full(tmp_path):
    (tmp_path / "emoji").mkdir()
    (tmp_path / "emoji" / "mine.txt").write_text("")
    return "--output: expected a folder that does not exist or is empty, got "


def _missing(tmp_path):
    (tmp_path / "emoji.tgz").unlink()
    return "expected the file that `npm pack emoji-datasource-google@16.0.0` writes, cannot read it: "


def _cut(tmp_path):
    content = (tmp_path / "emoji.tgz").read_bytes()
    (tmp_path / "emoji.tgz").write_bytes(content[: len(content) // 2])
    return "expected the file that `npm pack emoji-datasource-google@16.0.0` writes, cannot read it: "


def _other(tmp_path):
    write_package(tmp_path / "emoji.tgz", {"package/package.json": b"{}"})
    return "expected the npm package emoji-datasource-google, there is no package/emoji.json in it"


def _empty(tmp_path):
    write_package(tmp_path / "emoji.tgz", {"package/emoji.json": b"[]"})
    return "expected drawings in package/img/google/64, found none"


@pytest.mark.parametrize("spoil", [_full, _missing, _cut, _other, _empty])
def test_bad_input_is_one_line_and_leaves_nothing(package, tmp_path, capsys, spoil):
    message = spoil(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main([str(package), f"--output={tmp_path / 'emoji'}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and message in line
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_colour(package, tmp_path, capsys):
    assert main([str(package), f"--output={tmp_path / 'emoji'}", "--background=whiteish"]) == 2
    assert "--background: expected a name of a colour, #rrggbb or keep, got 'whiteish'" in capsys.readouterr().err
