"""Reads `.keras` files as data: networks of known layers, never code that the file brings."""

import pathlib
import zipfile

from compare_gan2.ground import json_text
from compare_gan2.ground.errors import DamagedFileError

MOST_DESCRIPTION = 2**26  # bytes of config.json
# Of these, safe mode refuses all that hold Python or TensorFlow code today; classes of others have to be registered.
_CODE = {"Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"}


def read_keras(path):
    """The Keras model of a `.keras` file, not compiled.

    Raises:
        OSError: if it cannot be opened.
        DamagedFileError: for another kind of file, and for a model with a layer that holds code.
        Exception: what Keras raises for a damaged one.
    """
    import keras

    path = pathlib.Path(path)
    if path.suffix != ".keras" or not zipfile.is_zipfile(path):
        raise DamagedFileError(f"{path}: cannot be read as a Keras network: expected a .keras file of Keras 3")
    with zipfile.ZipFile(path) as archive:
        if "config.json" not in archive.namelist():
            raise DamagedFileError(f"{path}: cannot be read as a Keras network: it has no config.json")
        if archive.getinfo("config.json").file_size > MOST_DESCRIPTION:
            raise DamagedFileError(f"{path}: expected a description of at most {MOST_DESCRIPTION:,} bytes")
        try:
            description = json_text.parsed(archive.read("config.json"))
        except ValueError as error:
            raise DamagedFileError(f"{path}: cannot use its description: {error}") from error
    for member in _dicts(description):
        if isinstance(name := member.get("class_name"), str) and name in _CODE:
            raise DamagedFileError(f"{path}: holds a {name}, which can execute code; expected layers without any")
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _dicts(value):
    waiting = [value]
    while waiting:
        member = waiting.pop()
        if isinstance(member, dict):
            yield member
            waiting += member.values()
        elif isinstance(member, list):
            waiting += member
