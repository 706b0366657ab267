import os

import pytest

from compare_gan2.datasets.pictures.folder_contents import SUFFIXES, directly_in, everywhere_in
from compare_gan2.datasets.pictures.left_out import left_out_lines, unreadable_line
from compare_gan2.ground.errors import DataError


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def below(paths, root):
    return [path.relative_to(root).as_posix() for path in paths]


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG", ".Jpeg"])
def test_every_suffix_is_a_picture(tmp_path, suffix):
    touch(tmp_path, f"a{suffix}")
    assert below(directly_in(tmp_path, "--fake").pictures, tmp_path) == [f"a{suffix}"]


def test_what_is_left_out_and_why(tmp_path):
    touch(tmp_path, "b.png", "a/c.jpg", ".ipynb_checkpoints/d.png", "__MACOSX/e.png", "._b.png", "n.txt", "m.TXT", "x")
    touch(tmp_path, "a/q.heic", "f.png/g.png")
    found = everywhere_in(tmp_path, "--fake")
    assert below(found.pictures, tmp_path) == ["a/c.jpg", "b.png"]
    assert below(found.hidden, tmp_path) == ["._b.png", ".ipynb_checkpoints", "__MACOSX"]
    assert below(found.others, tmp_path) == ["a/q.heic", "m.TXT", "n.txt", "x"]
    assert below(found.misnamed, tmp_path) == ["f.png"]
    assert list(left_out_lines(found, tmp_path)) == [
        "files without the suffix of a picture, passed over: 4 (1 .heic, 2 .txt, 1 no suffix; such as a/q.heic)",
        "1 of them are pictures of a kind that is not read (.heic): convert them to PNG",
        "names that start with a dot or two underscores, passed over: 3 (such as ._b.png)",
        "folders named like a picture, passed over: 1 (such as f.png)",
    ]


def test_nothing_left_out_gives_no_lines(tmp_path):
    touch(tmp_path, "a.png")
    assert not list(left_out_lines(everywhere_in(tmp_path, "--fake"), tmp_path))


def test_links_are_followed_but_not_in_a_circle(tmp_path):
    touch(tmp_path, "other/cat/a.png", "pets/dog/b.png")
    (tmp_path / "pets/cat").symlink_to(tmp_path / "other/cat")
    (tmp_path / "pets/dog/again").symlink_to(tmp_path / "pets")
    found = everywhere_in(tmp_path / "pets", "--fake")
    assert below(found.pictures, tmp_path) == ["pets/cat/a.png", "pets/dog/b.png"]


def test_a_link_to_nothing_is_for_the_reader_to_report_and_a_pipe_is_not_read(tmp_path):
    (tmp_path / "a.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "b.png")
    found = directly_in(tmp_path, "--fake")
    assert below(found.pictures, tmp_path) == ["a.png"] and below(found.special, tmp_path) == ["b.png"]


def test_pictures_are_in_the_order_of_their_paths(tmp_path):
    touch(tmp_path, "b/a.png", "b.png", "a-b.png", "a/z.png", "a/b/c.png", "B.png")
    found = everywhere_in(tmp_path, "--fake").pictures
    assert found == sorted(path for path in tmp_path.rglob("*.png"))


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"--fake: the folder .*gone cannot be read: No such file"):
        directly_in(tmp_path / "gone", "--fake")


def test_unreadable_pictures_are_counted_and_some_are_named():
    assert unreadable_line({}) == "unreadable pictures, left out: 0"
    line = unreadable_line({"a.png": "cut off", "b.png": "empty"}, shown=1)
    assert line == "unreadable pictures, left out: 2 (such as a.png: cut off)"
