"""Standing batch-norm statistics of a checkpoint, `standing-STEP.npz` beside it: accumulated once, then reused."""

import hashlib
import pathlib

import numpy as np

from compare_gan2.ground import store
from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.ground.messages import log
from compare_gan2.layers.accumulators import accumulators


def standing_path(checkpoint):
    """Path of the statistics of a checkpoint, whose own path is .../model.ckpt-STEP."""
    checkpoint = pathlib.Path(checkpoint)
    return checkpoint.with_name(f"standing-{checkpoint.name.rpartition('-')[2]}.npz")


def save(checkpoint, generator, drawn):
    """Writes the accumulators of a generator.

    Args:
        checkpoint: path of the checkpoint that its weights come from.
        generator: network whose accumulators are filled.
        drawn: {name: value} of how the samples were drawn; `load` requires the same.

    Raises:
        OSError: if it cannot be written.
    """
    arrays = {variable.path: np.asarray(variable) for variable in _variables(generator)}
    store.write_arrays(standing_path(checkpoint), _manifest(checkpoint, drawn), arrays)


def load(checkpoint, generator, drawn):
    """Whether statistics of a checkpoint, drawn in this way, exist; they then fill the generator's accumulators.

    Args:
        checkpoint, generator, drawn: see `save`.

    A file that cannot be read is reported and counts as missing, since statistics can be accumulated again.
    """
    path = standing_path(checkpoint)
    if not path.exists():
        return False
    try:
        values, manifest = store.read_arrays(path, "standing statistics", "they are accumulated again")
    except DamagedFileError as error:
        log.warning(error)
        return False
    if manifest != _manifest(checkpoint, drawn):
        return False
    wrong = [v.path for v in _variables(generator) if np.shape(values.get(v.path)) != tuple(v.shape)]
    if wrong:
        log.warning(f"{path}: cannot be read as standing statistics (no {wrong[0]}); they are accumulated again")
        return False
    for variable in _variables(generator):
        variable.assign(values[variable.path])
    return True


def _variables(generator):
    return [variable for layer in accumulators(generator) for variable in layer.variables]


def _manifest(checkpoint, drawn):
    # The index of a checkpoint holds a checksum of every tensor in it.
    index = pathlib.Path(f"{checkpoint}.index").read_bytes()
    return {"checkpoint": hashlib.sha256(index).hexdigest(), **drawn}
