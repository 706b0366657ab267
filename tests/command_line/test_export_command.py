"""`compare_gan2 export`: bad input is one line, before TensorFlow is imported where that is possible."""

import pytest
from support.saved_model_folders import built, saved_model_of

from compare_gan2.export import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    return tmp_path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "expected --model_dir"),
        (
            ["--model_dir=nowhere"],
            "--model_dir: expected the folder of a run, one with",
        ),
        (
            ["--model_dir=empty"],
            "--model_dir: expected the folder of a run, one with generator.keras, or a .keras",
        ),
        (["--model_dir=empty", "--output=mine", "--force"], "--output: mine exists and is not an export"),
        (
            ["--model_dir=empty", "--output=mine/thesis.tex"],
            "--output: expected a folder to make, mine/thesis.tex",
        ),
        (
            ["--model_dir=empty", "--output=gs://b/x"],
            "--output: expected the name of a file or a folder, got an",
        ),
        (["--model_dir=empty", "--format=kera"], "--format: expected names among keras, saved_model, onnx, model_card"),
        (["--model_dir=empty", "--format=,"], "--format: expected names among keras"),
        (["--model_dir=empty", "--step=last"], "--step: expected a whole number, got 'last'"),
        (["--model_dir=empty", "--license=My Own"], "--license: expected an identifier such as apache-2.0"),
    ],
)
def test_bad_input(arguments, message, place, capsys):
    before = names(place)
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {message}") and said.count("\n") == 1, said
    assert names(place) == before


def test_saved_networks_become_an_export(place, capsys):
    saved_model_of(built("s3gan"), place / "networks")
    assert main(["--model_dir=networks", "--format=keras,model_card", "--license=cc-by-4.0", "--name=digits"]) == 0
    said = capsys.readouterr().out
    assert "keras: generate, discriminate, predict_labels; at most" in said
    assert "load it with compare_gan2.load('exports/networks')" in said
    assert names(place / "exports" / "networks") == [
        *("README.md", "discriminator.keras", "export.json", "generator.keras", "samples.png")
    ]
    assert 'license: "cc-by-4.0"' in (place / "exports" / "networks" / "README.md").read_text()
    assert main(["--model_dir=networks", "--format=keras"]) == 2
    assert "error: --output: exports/networks holds an export; choose another" in capsys.readouterr().err
    assert main(["--model_dir=networks", "--step=3", "--output=other"]) == 2
    assert "error: --step: belongs to runs" in capsys.readouterr().err
