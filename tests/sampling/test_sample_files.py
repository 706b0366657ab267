"""Folders of PNG files and .npz files of samples, as other tools read them, and what is never overwritten."""

import json

import numpy as np
import pytest
from PIL import Image

from compare_gan2.evaluation.image_files import of_arrays, of_folder
from compare_gan2.ground.errors import ConfigError
from compare_gan2.sampling.sample_files import file_names, folder_names, require_free, write_folder, write_npz

IMAGES = np.random.default_rng(0).integers(0, 256, [5, 4, 6, 1], dtype=np.uint8)
LABELS = np.int32([1, 0, 1, 1, 0])


def batches(images=IMAGES, labels=LABELS):
    for part in (slice(0, 3), slice(3, 5)):
        yield images[part], None if labels is None else labels[part]


def test_a_folder_holds_every_image(tmp_path):
    names, done = file_names([(0, index) for index in range(5)], LABELS, ["cat", "dog"]), []
    write_folder(tmp_path / "out", batches(), names, {"seed": 0}, done.append)
    assert done == [3, 5]
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png")}
    assert found == {"dog/000000.png", "cat/000001.png", "dog/000002.png", "dog/000003.png", "cat/000004.png"}
    for name, image in zip(names, IMAGES, strict=True):
        with Image.open(tmp_path / "out" / name) as picture:
            assert picture.mode == "L"
            np.testing.assert_array_equal(np.asarray(picture), image[:, :, 0])
    assert json.loads((tmp_path / "out" / "samples.json").read_text()) == {"count": 5, "seed": 0}
    source = of_folder(tmp_path / "out", "--fake")
    assert source.count == 5 and source.class_names == ("cat", "dog")


def test_colours_are_rgb(tmp_path):
    colours = np.repeat(IMAGES, 3, axis=3) // np.uint8([1, 2, 3])
    write_folder(tmp_path / "out", [(colours, None)], file_names([(0, index) for index in range(5)]), {})
    with Image.open(tmp_path / "out" / "000004.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), colours[4])


def test_an_interrupted_folder_leaves_the_old_one(tmp_path):
    names = file_names([(0, index) for index in range(5)])
    write_folder(tmp_path / "out", batches(), names, {"is": "old"})

    def interrupted():
        yield IMAGES[:3], None
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out", interrupted(), names, {"is": "new"})
    assert json.loads((tmp_path / "out" / "samples.json").read_text())["is"] == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    write_folder(tmp_path / "out", [(IMAGES[:1], None)], names[:1], {"is": "new"})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000000.png", "samples.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_npz_file_has_the_layout_of_other_tools(tmp_path):
    path = tmp_path / "out.npz"
    write_npz(path, batches(), 5, (4, 6, 1), {"seed": 0}, ["cat", "dog"])
    with np.load(path, allow_pickle=False) as found:
        assert found["arr_0"].dtype == np.uint8 and found["arr_1"].dtype == np.int64
        np.testing.assert_array_equal(found["arr_0"], IMAGES)
        np.testing.assert_array_equal(found["arr_1"], LABELS)
        assert found["class_names"].tolist() == ["cat", "dog"]
        assert json.loads(str(found["manifest"])) == {"count": 5, "seed": 0}
    source = of_arrays(path, "--fake")
    assert source.count == 5 and source.class_names == ("cat", "dog")
    images, labels = next(source.batches())
    np.testing.assert_array_equal(np.rint(images * 255), IMAGES)
    np.testing.assert_array_equal(labels, LABELS)
    before = path.read_bytes()
    write_npz(path, batches(), 5, (4, 6, 1), {"seed": 0}, ["cat", "dog"])
    assert path.read_bytes() == before


def test_an_npz_file_without_classes(tmp_path):
    write_npz(tmp_path / "out.npz", batches(labels=None), 5, (4, 6, 1), {})
    with np.load(tmp_path / "out.npz") as found:
        assert sorted(found.files) == ["arr_0", "manifest"]


def test_names_of_files():
    rows = [(7, 0), (9, 0)]
    assert file_names([(0, 12), (0, 1234567)]) == ["0000012.png", "1234567.png"]
    assert file_names(rows, by_seed=True) == ["seed7.png", "seed9.png"]
    assert file_names(rows, [1, 0], ["cat", "dog"], flat=True, by_seed=True) == ["seed7_dog.png", "seed9_cat.png"]
    assert file_names(rows, [1, 0], ["cat", "dog"], by_seed=True) == ["dog/seed7.png", "cat/seed9.png"]


@pytest.mark.parametrize(
    "count, names, expected",
    [
        (3, None, ["0", "1", "2"]),
        (11, None, [f"{number:02d}" for number in range(11)]),
        (2, ["a/b: c", "..x. "], ["a_b_ c", "x"]),
        (2, ["a/b", "a:b"], ["0_a_b", "1_a_b"]),
        (2, ["A", "a"], ["0_A", "1_a"]),
        (2, ["a", ".."], ["0_a", "1_"]),
    ],
)
def test_names_of_class_folders(count, names, expected):
    assert folder_names(count, names) == expected


def test_what_is_there_is_not_replaced(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("")
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "samples.json").write_text("{}")
    require_free(tmp_path / "new", force=False)
    require_free(tmp_path / "file", force=True)
    require_free(tmp_path / "samples", force=True, is_folder=True)
    for name, options, message in (
        ("file", {"force": False}, "exists already; choose another name, or replace it with --force"),
        ("samples", {"force": False, "is_folder": True}, "exists already"),
        ("folder", {"force": True, "is_folder": True}, "has no samples.json, so it may hold other files"),
        ("folder", {"force": True}, "is a folder, expected the name of a file"),
        ("file", {"force": True, "is_folder": True}, "is a file, expected the name of a folder"),
    ):
        with pytest.raises(ConfigError, match=f"--output: .*{name} {message}"):
            require_free(tmp_path / name, **options)
