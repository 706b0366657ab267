"""Where an extractor lies: a folder named after all that its weights follow from, in which one process works at a time.

Folders of the same inputs are the same folder, so that methods which share a step share its result.
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import pathlib
import re

import numpy as np

from compare_gan2 import configuration
from compare_gan2.cache_folder import default_cache_dir
from compare_gan2.configuration import ConfigError
from compare_gan2.reporting import files

FORMAT = 2  # raise it when the same inputs begin to give other weights
INPUTS = "inputs.json"
FINGERPRINTED_IMAGES = 256
UNREAD = {  # options of `pretrain` that the weights of a task do not follow from
    "rotation": {"labelled_batch_size", "class_weight", "rotated_class_loss"},
    "s2l": set(),
    "supervised": {"batch_size", "class_weight", "rotated_class_loss"},
}
OF_NO_TASK = {"save_checkpoints_steps", "probe_images"}
OF_DATA = ("arrays.", "folder.", "tfds.", "train_imagenet_transform.")
OF_PLACES = {"arrays.path", "folder.path", "folder.cache_dir", "folder.max_bad_fraction"}  # the fingerprint says more


def cache_dir(chosen):
    """Folder of all extractors: `inferred_labels.cache_dir`, or the default where that is None."""
    return pathlib.Path(chosen) if chosen else default_cache_dir() / "pretraining"


def inputs_of(dataset, options, network_options):
    """{name: value} of all that an extractor follows from, as JSON has it; reads names and the first images.

    Args:
        dataset: `ImageDataset`, its labels hidden as the task is to see them.
        options: `PretrainOptions`.
        network_options: `ResNetV2Options`.
    """
    count, unread = min(FINGERPRINTED_IMAGES, dataset.source.num_train), UNREAD[options.task] | OF_NO_TASK
    images, _ = next(iter(dataset.batches("train", count, count)))
    inputs = {
        "format": FORMAT,
        "dataset": dataset.name,
        "image_shape": dataset.image_shape,
        "fingerprint": dataset.fingerprint,
        "options of the data": _options_of_data(),
        "shuffle_buffer_size": dataset.source.shuffle_buffer_size,
        "pretrain": {name: value for name, value in dataclasses.asdict(options).items() if name not in unread},
        "resnet_v2": dataclasses.asdict(network_options),
        "names": _digest("\n".join(dataset.source.training_names()).encode("utf-8", "surrogateescape")),
        "images": _digest(images.tobytes()),
        "kept": None if dataset.kept is None else _digest(np.packbits(dataset.kept).tobytes()),
    }
    if options.reads_labels:
        stored = dataset.source.training_labels() if dataset.labels is None else dataset.labels
        inputs["labels"] = _digest(np.where(dataset.is_labelled, stored, -1).astype(np.int32).tobytes())
    return json.loads(json.dumps(inputs))


def name_of(inputs):
    """Name of the folder of an extractor with these inputs: DATASET-TASK-HASH."""
    address = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:12]
    readable = re.sub(r"[^\w.-]", "_", f"{inputs['dataset']}-{inputs['pretrain']['task']}")
    return f"{readable}-{address}"


def require_inputs(folder, inputs):
    """Records what a folder is made from.

    Raises:
        ConfigError: if it is made from something else.
        DamagedFileError: if its record cannot be read.
    """
    path = folder / INPUTS
    if not path.exists():
        write_json(path, inputs)
        return
    recorded = read_json(path, f"move {folder} away to start anew")
    different = sorted(name for name in inputs if name not in recorded or recorded[name] != inputs[name])
    if different:
        raise ConfigError(f"--model_dir: {folder} holds pre-training with other values of {', '.join(different)}")


def read_json(path, way_out):
    """The dict that `write_json` wrote.

    Raises:
        DamagedFileError: if the file holds anything else; its message ends with the way out.
    """
    try:
        value = json.loads(path.read_text())
    except ValueError as error:
        raise files.DamagedFileError(f"{path}: cannot be read ({error}); {way_out}") from error
    if not isinstance(value, dict):
        raise files.DamagedFileError(f"{path}: expected names with values, got {value!r}; {way_out}")
    return value


def write_json(path, value):
    """Writes a dict in one step."""
    with files.replacing(path) as file:
        file.write((json.dumps(value, indent=2, sort_keys=True) + "\n").encode())


@contextlib.contextmanager
def locked(folder):
    """Within it, this process alone works in the folder; another one's work is waited for.

    Raises:
        ConfigError: if the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "ab")
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} (inferred_labels.cache_dir, --model_dir): {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waits for another process that pre-trains in {folder}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _options_of_data():
    """{name: gin text} of the options that say how the images of the bound dataset are made."""
    resolved = configuration.resolved()
    return {name: text for name, text in resolved.items() if name.startswith(OF_DATA) and name not in OF_PLACES}


def _digest(data):
    return hashlib.sha256(data).hexdigest()[:16]
