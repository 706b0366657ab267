"""Two folders of the same run, compared: variables, rows and events, bit for bit."""

import dataclasses
import json
import pathlib

import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import plugin_data_pb2

from compare_gan2.reporting.tensorboard import HYPERPARAMETERS, PATTERN
from compare_gan2.run_folder.checkpoint_files import checkpoint_path, checkpoint_steps

MISSING = object()
MOST_NAMED = 5  # differences of a kind
LOGS = ("training.csv", "scores.csv", "scores_failed.csv", "watchdog.csv")
SAVE_COUNTER = "save_counter/.ATTRIBUTES/VARIABLE_VALUE"


@dataclasses.dataclass(frozen=True)
class Compared:
    """One kind of thing in two folders.

    Attributes:
        what: its name, such as "training.csv, rows".
        count: number of things in either folder.
        different: names of those that differ or are in one folder only.
    """

    what: str
    count: int
    different: tuple


def compare_runs(expected, found):
    """List of `Compared`, one for each kind of thing. Wall-clock times are left out: no two runs share them.

    Args:
        expected: folder of the reference.
        found: folder of the run that was killed.
    """
    first, second = _contents(expected), _contents(found)
    return [_compared(what, first[what], second[what]) for what in first]


def table(rows):
    """Lines of a table with what was compared, how many of it, and how many differ; then the first differences."""
    width = max(len(row.what) for row in rows)
    lines = [f"{'what':{width}}  compared  different"]
    lines += [f"{row.what:{width}}  {row.count:8d}  {len(row.different):9d}" for row in rows]
    return [*lines, *(f"different: {row.what}: {name}" for row in rows for name in row.different[:MOST_NAMED])]


def _contents(folder):
    """{kind: {name: bytes or other values that can be compared}} of a folder."""
    folder = pathlib.Path(folder)
    variables, counters = {}, {}
    for step in checkpoint_steps(folder):
        reader = tf.train.load_checkpoint(str(checkpoint_path(folder, step)))
        for name in sorted(reader.get_variable_to_shape_map()):
            kind = counters if name == SAVE_COUNTER else variables
            kind[f"step {step}, {name.removesuffix('/.ATTRIBUTES/VARIABLE_VALUE')}"] = _bits(reader.get_tensor(name))
    found = {"checkpoints, variables": variables, "checkpoints, save_counter": counters}
    for name in LOGS:
        found[f"{name}, rows"] = _numbered(_lines(folder / name))
    found["events.jsonl, events without time"] = _numbered(
        {**json.loads(line), "time": None} for line in _lines(folder / "events.jsonl")
    )
    return found | {"TensorBoard, events without time": _tensorboard(folder)}


def _bits(value):
    value = np.asarray(value)
    return value.dtype.str, value.shape, value.tolist() if value.dtype == object else value.tobytes()


def _lines(path):
    return path.read_bytes().splitlines(keepends=True) if path.exists() else []


def _numbered(values):
    return {f"line {number}": value for number, value in enumerate(values, 1)}


def _tensorboard(folder):
    """{tag, step and a number if there are several: serialised value} of all files, whose order is left out."""
    found = {}
    for path in sorted(folder.glob(PATTERN)):
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            for value in event.summary.value:
                if value.tag == HYPERPARAMETERS:
                    value.metadata.plugin_data.content = _without_name(value.metadata.plugin_data.content)
                text = value.SerializeToString(deterministic=True)
                found.setdefault(f"{value.tag}, step {event.step}", []).append(text)
    return {
        name if number == 1 else f"{name}, number {number}": value
        for name, values in found.items()
        for number, value in enumerate(sorted(values), 1)
    }


def _without_name(content):
    """Bytes of hyperparameters without the name of their run, which is that of its folder."""
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    data.session_start_info.ClearField("group_name")
    return data.SerializeToString(deterministic=True)


def _compared(what, expected, found):
    names = list(dict.fromkeys([*expected, *found]))
    different = (name for name in names if expected.get(name, MISSING) != found.get(name, MISSING))
    return Compared(what, len(names), tuple(different))
