"""Which checkpoints the folder of a run holds, by the names of their files; without TensorFlow."""

import pathlib
import re

PREFIX = "model.ckpt"


def checkpoint_path(model_dir, step):
    """Path of the checkpoint of a step, without the suffixes of its files."""
    return pathlib.Path(model_dir) / f"{PREFIX}-{step}"


def checkpoint_steps(model_dir):
    """Steps of the checkpoints in a folder, ascending; found by their files, as the `checkpoint` file may lag."""
    return steps_with_files(model_dir, "index")


def regular_steps(model_dir):
    """Set of the steps of the checkpoints that an uninterrupted run has, too; see `checkpoints.Checkpoints.save`."""
    return {step for step in checkpoint_steps(model_dir) if not extra_marker(model_dir, step).exists()}


def extra_marker(model_dir, step):
    """Path of the empty file that marks an extra checkpoint; it is dropped with the other files of the checkpoint."""
    path = checkpoint_path(model_dir, step)
    return path.with_name(f"{path.name}.extra")


def steps_with_files(model_dir, suffix):
    """Steps that have a file `model.ckpt-STEP.SUFFIX`, ascending; the suffix is a regular expression."""
    pattern = rf"{re.escape(PREFIX)}-(\d+)\.({suffix})"
    names = (re.fullmatch(pattern, path.name) for path in pathlib.Path(model_dir).glob("*"))
    return sorted({int(name.group(1)) for name in names if name})
