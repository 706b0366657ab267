"""The weights that a new run takes from another run's checkpoint: those whose name and shape fit."""

import pathlib
import re

import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.checkpoint_files import PREFIX, checkpoint_path, checkpoint_steps
from compare_gan2.run_folder.checkpoints import damage_of

OPTION = "run_config.start_from"
_MOST = 40  # names in the report


def take_weights(start_from, state):
    """Text that reports what was taken; networks, heads and the moving average start from it.

    Optimizers, counters and what regularisers remember start as always.

    Args:
        start_from: folder of a run, whose newest checkpoint is taken, or a checkpoint's path without suffix.
        state: `TrainState` of the new run.

    Raises:
        ConfigError: if there is not such a checkpoint, it is damaged, or nothing in it fits.
    """
    path = _checkpoint(start_from)
    if damage := damage_of(path):
        raise ConfigError(f"{OPTION}: {path} is damaged ({damage}); bind another checkpoint")
    reader = tf.train.load_checkpoint(str(path))
    shapes = {_name(key): tuple(shape) for key, shape in reader.get_variable_to_shape_map().items()}
    taken, left = 0, []
    for name, variable in _wanted(state).items():
        if shapes.get(name) == tuple(variable.shape):
            variable.assign(reader.get_tensor(_key(name)))
            taken += 1
        elif name.endswith(_AVERAGE):  # of what was not taken, or not averaged there: the average starts at the weights
            variable.assign(_wanted(state)[name.removesuffix(_AVERAGE)])
        else:
            found = "not there" if name not in shapes else f"{list(shapes[name])} there"
            left.append(f"{name} ({list(variable.shape)} here, {found})")
    if not taken:
        raise ConfigError(f"{OPTION}: no variable of {path} has the name and the shape of one of these networks")
    state.gan.is_initialized = True
    text = f"starts from {path}: {taken} variables taken"
    if left:
        more = f"; and {len(left) - _MOST} more" if len(left) > _MOST else ""
        text += f", {len(left)} start as in a new run: {'; '.join(left[:_MOST])}{more}"
    return text


_AVERAGE = "/ExponentialMovingAverage"


def _wanted(state):
    """{name in checkpoints: variable} of networks, heads and moving average; averages after their weights."""
    gan = state.gan
    paths = {v.path for part in (gan.generator, gan.discriminator, *gan.heads) for v in part.variables}
    named = {name: v for name, v in state.variables().items() if name.removesuffix(_AVERAGE) in paths}
    return dict(sorted(named.items(), key=lambda item: item[0].endswith(_AVERAGE)))


def _checkpoint(start_from):
    path = pathlib.Path(start_from)
    if re.fullmatch(rf"{re.escape(PREFIX)}-\d+", path.name):
        folder, step = path.parent, int(path.name.rpartition("-")[2])
    else:
        folder, step = path, max(checkpoint_steps(path), default=None)
    if step is None or step not in checkpoint_steps(folder):
        known = ", ".join(map(str, checkpoint_steps(folder))) or "none"
        raise ConfigError(
            f"{OPTION}: expected the folder of a run, or a checkpoint in it such as {folder / PREFIX}-1000, got "
            f"{start_from!r} (checkpoints there: {known})"
        )
    return checkpoint_path(folder, step)


def _key(name):
    return name.replace("/", ".S") + "/.ATTRIBUTES/VARIABLE_VALUE"  # how tf.train.Checkpoint writes a name


def _name(key):
    return key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE").replace(".S", "/")
