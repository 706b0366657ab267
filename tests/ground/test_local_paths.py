"""Names that a run's folder and its files may have."""

import os

import pytest

from compare_gan2.ground.local_paths import (
    problem_of_content,
    problem_of_file_inside,
    problem_of_name,
    problem_of_run_folder,
)


@pytest.mark.parametrize("name", ["runs/a", "/tmp/x y", "ü/ö", "a:b", "a.b-c+d=e@f", "..", "~x", "a\u202fb"])
def test_fit_names(name):
    assert problem_of_name(name) is None and problem_of_run_folder(name) is None


@pytest.mark.parametrize(
    "name, problem",
    [
        ("", "an empty name"),
        ("a\nb", r"a name with the character '\n'"),
        ("a\0b", r"a name with the character '\x00'"),
        ("\udc80", r"a name with the character '\udc80'"),
        ("gs://bucket/run", "an address; a path of this machine is needed"),
        ("x" * 256, "a name longer than 255 bytes"),
    ],
)
def test_unfit_names(name, problem):
    for check in (problem_of_name, problem_of_run_folder, problem_of_file_inside):
        assert check(name).startswith(problem)


def test_patterns_and_paths_are_unfit_where_they_mislead():
    assert problem_of_name("a[1]") is None
    assert (
        problem_of_name("a[1]") is None and problem_of_run_folder("a[1]") == "a name with [, which is part of a pattern"
    )
    assert problem_of_file_inside("../x") == problem_of_file_inside("..") == "a path, which may lead out of the folder"
    assert problem_of_file_inside("scores.csv") is None


def test_what_has_no_end_is_no_content(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    (tmp_path / "file").write_text("text")
    assert [problem_of_content(tmp_path / name) is None for name in ("pipe", "link", "file", "", "missing")] == [
        *(False, False, True, True, True)
    ]
