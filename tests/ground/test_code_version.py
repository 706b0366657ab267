import re
import subprocess

import pytest

import compare_gan2
from compare_gan2.ground import code_version


def git(folder, *arguments):
    identity = ["-c", "user.name=me", "-c", "user.email=me@here"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    monkeypatch.setattr(code_version, "_ROOT", tmp_path)
    git(tmp_path, "init")
    (tmp_path / "compare_gan2").mkdir()
    for name in ("compare_gan2/file.py", "results.csv"):
        (tmp_path / name).write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


@pytest.mark.parametrize("name", ["file.py", "new.py"])
def test_a_checkout_adds_its_commit_and_whether_the_package_changed(checkout, name):
    clean = code_version.code_version()
    assert re.fullmatch(rf"{re.escape(compare_gan2.__version__)}\+[0-9a-f]{{12}}", clean)
    (checkout / "results.csv").write_text("rows of a study")
    (checkout / "notes.txt").write_text("")
    assert code_version.code_version() == clean
    (checkout / "compare_gan2" / name).write_text("2")
    assert code_version.code_version() == f"{clean}-dirty"


def test_elsewhere_it_is_the_version_of_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(code_version, "_ROOT", tmp_path)
    assert code_version.code_version() == compare_gan2.__version__


def test_without_git_too(checkout, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert code_version.code_version() == compare_gan2.__version__
