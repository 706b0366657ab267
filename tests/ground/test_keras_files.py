"""`.keras` files are data: layers that hold code are refused before Keras sees them."""

import json
import zipfile

import keras
import numpy as np
import pytest

from compare_gan2.ground import keras_files
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.keras_files import read_keras


def saved(path, *layers):
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.save(path)
    return model


def described(path, changed):
    """A copy of a network's file beside it, its description changed by a function of the last layer's configuration."""
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    description = json.loads(members["config.json"])
    changed(description["config"]["layers"][-1]["config"])
    copy = path.with_name("changed.keras")
    with zipfile.ZipFile(copy, "w") as archive:
        for member, content in (members | {"config.json": json.dumps(description)}).items():
            archive.writestr(member, content)
    return copy


def test_a_network_of_plain_layers(tmp_path):
    model = saved(tmp_path / "a.keras", keras.layers.Dense(3), keras.layers.ReLU())
    images = np.ones([2, 4], np.float32)
    np.testing.assert_array_equal(read_keras(tmp_path / "a.keras")(images), model(images))


def test_a_lambda_runs_nothing(tmp_path):
    canary = tmp_path / "canary"
    code = keras.layers.Lambda(lambda x, place=str(canary): (open(place, "w").close(), x)[1], output_shape=(4,))
    saved(tmp_path / "a.keras", code)
    canary.unlink(missing_ok=True)
    with pytest.raises(DamagedFileError, match="a.keras: holds a Lambda, which can execute code"):
        read_keras(tmp_path / "a.keras")
    assert not canary.exists()


@pytest.mark.parametrize("name", ["TFSMLayer", "TorchModuleWrapper", "__lambda__"])
def test_other_layers_that_hold_code(tmp_path, name):
    saved(tmp_path / "a.keras", keras.layers.Dense(3))
    value = {"class_name": name, "config": {"value": ""}}
    path = described(tmp_path / "a.keras", lambda layer: layer.update(activation=value))
    with pytest.raises(DamagedFileError, match=f"changed.keras: holds a {name}, which can execute code"):
        read_keras(path)


def test_functions_of_other_modules_are_refused_by_keras(tmp_path):
    saved(tmp_path / "a.keras", keras.layers.Dense(3))
    system = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    path = described(tmp_path / "a.keras", lambda layer: layer.update(activation=system))
    with pytest.raises((TypeError, ValueError), match="Could not|os"):
        read_keras(path)


def test_other_files_are_refused(tmp_path, monkeypatch):
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (tmp_path / "text.keras").write_text("no model")
    with zipfile.ZipFile(tmp_path / "empty.keras", "w") as archive:
        archive.writestr("other", "")
    with zipfile.ZipFile(tmp_path / "deep.keras", "w") as archive:
        archive.writestr("config.json", "[" * 100_000)
    for name, reason in (
        ("a.h5", "expected a .keras file of Keras 3"),
        ("text.keras", "expected a .keras file of Keras 3"),
        ("empty.keras", "it has no config.json"),
        ("deep.keras", "cannot use its description: it is nested too deeply"),
    ):
        with pytest.raises(DamagedFileError, match=f"{name}: .*{reason}"):
            read_keras(tmp_path / name)
    monkeypatch.setattr(keras_files, "MOST_DESCRIPTION", 1000)
    with pytest.raises(DamagedFileError, match="deep.keras: expected a description of at most 1,000 bytes"):
        read_keras(tmp_path / "deep.keras")
