"""`compare_gan2 migrate`: a source that is not there is a message at once."""

import pytest

from compare_gan2.migrate import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["config"], "--from: cannot read nowhere: there is no such file"),
        (["hub", "--output=x"], "--from: expected the folder of a module, got nowhere, which does not exist"),
        (["checkpoint", "--model_dir=x"], "--from: nowhere cannot be read: there is no nowhere.index"),
    ],
)
def test_a_missing_source(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*arguments, "--from=nowhere"]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_missing_configuration(tmp_path, capsys):
    (tmp_path / "model.ckpt-1.index").touch()
    source = f"--from={tmp_path / 'model.ckpt-1'}"
    assert main(["checkpoint", source, f"--model_dir={tmp_path / 'run'}", "--gin_config=s3gn.gin"]) == 2
    assert "did you mean s3gan.gin" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_what_is_migrated_has_to_be_named(capsys):
    assert main([]) == 2
    assert capsys.readouterr().err == "error: expected checkpoint|hub|config\n"
