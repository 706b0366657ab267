"""Standing statistics beside their checkpoint, `standing-STEP.npz`: accumulated once, used for all that follows."""

import hashlib
import json
import pathlib
import zipfile

import numpy as np

from compare_gan2.layers.normalization import accumulators
from compare_gan2.reporting import files


def standing_path(checkpoint):
    """Path of the statistics of a checkpoint, whose own path is .../model.ckpt-STEP."""
    checkpoint = pathlib.Path(checkpoint)
    return checkpoint.with_name(f"standing-{checkpoint.name.rpartition('-')[2]}.npz")


def save(checkpoint, generator, drawn):
    """Writes the accumulators of a generator.

    Args:
        checkpoint: path of the checkpoint that its weights come from.
        generator: whose accumulators are full.
        drawn: {name: value} of how the samples were drawn; `load` wants the same.

    Raises:
        OSError: if it cannot be written.
    """
    manifest = np.array(json.dumps(_manifest(checkpoint, drawn)))
    with files.replacing(standing_path(checkpoint)) as file:
        np.savez(file, manifest=manifest, **{v.path: np.asarray(v) for v in _variables(generator)})


def load(checkpoint, generator, drawn):
    """Fills the accumulators of a generator; returns whether there were statistics of this checkpoint, drawn so.

    Raises:
        DamagedFileError: if the file cannot be read.
    """
    path = standing_path(checkpoint)
    if not path.exists():
        return False
    try:
        with np.load(path, allow_pickle=False) as stored:
            if json.loads(str(stored["manifest"])) != _manifest(checkpoint, drawn):
                return False
            values = {variable.path: stored[variable.path] for variable in _variables(generator)}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise files.DamagedFileError(
            f"{path}: cannot be read as standing statistics ({error}); delete it to have them accumulated anew"
        ) from error
    for variable in _variables(generator):
        variable.assign(values[variable.path])
    return True


def _variables(generator):
    return [variable for layer in accumulators(generator) for variable in layer.variables]


def _manifest(checkpoint, drawn):
    # The index of a checkpoint holds a checksum of every tensor in it.
    index = pathlib.Path(f"{checkpoint}.index").read_bytes()
    return {"checkpoint": hashlib.sha256(index).hexdigest(), **drawn}
