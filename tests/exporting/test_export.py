"""A folder with every format, whole and checked or not at all."""

import json

import numpy as np
import pytest
from support.saved_model_folders import built, saved_model_of

import compare_gan2
from compare_gan2.exporting import export as exporting
from compare_gan2.exporting import keras_networks
from compare_gan2.exporting.export import export
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.ground.errors import ConfigError, ExportFailed


def test_an_export_is_loaded_as_the_model(conditional, tmp_path):
    assert export(conditional, tmp_path / "out", ["keras"]) == tmp_path / "out"
    loaded = compare_gan2.load(tmp_path / "out")
    known = ("class_names", "step", "weights", "z_dim", "num_classes", "image_shape", "latents")
    assert [getattr(loaded, name) for name in known] == [getattr(conditional, name) for name in known]
    images = conditional.sample(5, labels=["one", 2, 0, -1, "two"], seed=3, dtype="float32")
    found = loaded.sample(5, labels=["one", 2, 0, -1, "two"], seed=3, dtype="float32")
    np.testing.assert_allclose(found, images, atol=1e-5)
    for arguments in ({"labels": ("zero", "two")}, {"labels": 1, "other_seed": 4, "truncation": 0.5}):
        way = [model.interpolate(4, dtype="float32", **arguments) for model in (conditional, loaded)]
        np.testing.assert_allclose(*way, atol=1e-5)
    judged = [model.discriminate(images, [1, 2, 0, -1, "two"]) for model in (conditional, loaded)]
    np.testing.assert_allclose(*judged, atol=1e-5)
    predicted = [model.predict_labels(images, probabilities=True) for model in (conditional, loaded)]
    np.testing.assert_allclose(*predicted, atol=1e-5)
    again = export(loaded, tmp_path / "again", ["keras"])  # an export is a model like others
    np.testing.assert_allclose(
        compare_gan2.load(again / "generator.keras").sample(2, labels=1, dtype="float32"),
        conditional.sample(2, labels=1, dtype="float32"),
        atol=1e-5,
    )


def test_its_record_says_what_was_checked(model, tmp_path):
    folder = export(model, tmp_path / "out", ["keras"])
    record = json.loads((folder / "export.json").read_text())
    assert record["largest_differences"].keys() == {"keras"}
    assert set(record["largest_differences"]["keras"]) | set(record["left_out"]) == {
        *("generate", "discriminate", "predict_labels")
    }
    assert max(record["largest_differences"]["keras"].values()) < 1e-5
    assert record["sha256"] == {
        name: checksum_of_file(folder / name) for name in ("discriminator.keras", "generator.keras")
    }
    assert (record["z_dim"], record["num_classes"]) == (model.z_dim, model.num_classes)


def test_an_earlier_export_is_replaced_if_asked(conditional, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("export.json", "README.md"):
        (folder / name).touch()
    with pytest.raises(ConfigError, match="holds an export; choose another, or replace it with force"):
        export(conditional, folder, ["keras"])
    assert (folder / "README.md").exists()
    export(conditional, folder, ["keras"], force=True)
    assert sorted(path.name for path in folder.iterdir()) == ["discriminator.keras", "export.json", "generator.keras"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_one_leaves_nothing(conditional, tmp_path, monkeypatch, error):
    def interrupted(*args):
        raise error

    monkeypatch.setattr(exporting, "_write_record", interrupted)
    with pytest.raises(type(error) if isinstance(error, OSError) else error):
        export(conditional, tmp_path / "exports" / "out", ["keras"])
    assert not list(tmp_path.iterdir())


def test_a_file_that_computes_something_else_is_refused(conditional, tmp_path, monkeypatch):
    write = keras_networks.write

    def wrong(folder, model, networks):
        variable = networks.generator.trainable_variables[0]
        variable.assign(1.01 * variable)
        write(folder, model, networks)

    monkeypatch.setattr(keras_networks, "write", wrong)
    with pytest.raises(ExportFailed, match="export: keras gives other results than the model: generate differs by"):
        export(conditional, tmp_path / "out", ["keras"])
    assert not list(tmp_path.iterdir())


def test_a_model_without_a_discriminator(tmp_path, capsys):
    model = saved_model_of(built("modular"), tmp_path / "from", discriminator=False)
    folder = export(model, tmp_path / "to", ["keras"], verbose=True)
    said = capsys.readouterr().out
    assert "warning: discriminate is left out: there is no discriminator.keras in" in said
    assert "keras: generate; at most 0 from the model's own results" in said
    with pytest.raises(ConfigError, match="discriminate: there is no discriminator.keras"):
        compare_gan2.load(folder).discriminate(np.zeros([1, 8, 8, 3], np.float32))


def test_an_export_without_keras_files_cannot_be_loaded(conditional, tmp_path):
    folder = export(conditional, tmp_path / "out", ["model_card"])
    with pytest.raises(ConfigError, match="out is an export without generator.keras; export its run with --for"):
        compare_gan2.load(folder)


def test_it_is_the_function_of_the_package():
    import compare_gan2.export as command

    assert compare_gan2.export is export and command is export  # the command does not take its name
