"""What is refused before TensorFlow is imported."""

import importlib.util

import pytest

from compare_gan2.exporting.request_checks import check_folder, check_formats
from compare_gan2.ground.errors import ConfigError, MissingPackageError


@pytest.mark.parametrize(
    "formats, message",
    [
        (["keras", "saved_modl"], "--format: expected names among .*, got 'saved_modl'; did you mean saved_model"),
        ([], "--format: expected names among keras, saved_model, onnx, model_card, got"),
        ("keras", "--format: expected names among"),
    ],
)
def test_formats_that_do_not_exist(formats, message):
    with pytest.raises(ConfigError, match=message):
        check_formats(formats)


def test_packages_that_are_missing(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tf2onnx" else found(name))
    with pytest.raises(MissingPackageError, match=r"onnx needs tf2onnx, not .*: pip install 'compare_gan2\[onnx\]'"):
        check_formats(["keras", "onnx"])
    check_formats(["keras"])


def test_folders(tmp_path):
    for free in (tmp_path, tmp_path / "new" / "one"):
        check_folder(free, force=False)
    (tmp_path / "thesis.tex").touch()
    for force in (False, True):
        with pytest.raises(ConfigError, match="exists and is not an export .*, so it is not replaced"):
            check_folder(tmp_path, force)
    with pytest.raises(ConfigError, match="expected a folder to make, .*thesis.tex is a file"):
        check_folder(tmp_path / "thesis.tex", force=True)
    with pytest.raises(ConfigError, match="expected a name in a folder that can be written, got .*below .*thesis.tex"):
        check_folder(tmp_path / "thesis.tex" / "page", force=False)
    (tmp_path / "export.json").touch()
    check_folder(tmp_path, force=True)
    with pytest.raises(ConfigError, match="holds an export; choose another, or replace it with --force"):
        check_folder(tmp_path, force=False)
