"""Cache folder of an extractor, named by a hash of everything that determines its weights; one process writes to it.

Methods that share a pre-training share its folder.
"""

import contextlib
import dataclasses
import hashlib
import json
import pathlib
import re

import numpy as np

from compare_gan2.ground import files, store
from compare_gan2.ground.cache_folder import default_cache_dir
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.messages import log
from compare_gan2.pretraining import start_weights
from compare_gan2.pretraining.given_labels import given_labels
from compare_gan2.pretraining.options import FEW_LABEL_TASKS
from compare_gan2.run_folder import extractor_record

FORMAT = 3  # increase it when the same inputs give other weights
FINGERPRINTED_IMAGES = 256
UNREAD = {  # options of `pretrain` that do not affect the weights of a task
    "rotation": {"labelled_batch_size", "class_weight", "rotated_class_loss"},
    "s2l": set(),
    "supervised": {"batch_size", "class_weight", "rotated_class_loss"},
    **{task: {"class_weight", "rotated_class_loss", "max_shift", "random_flip"} for task in FEW_LABEL_TASKS},
}
UNREAD_BESIDE_VIEWS = {  # the same of every task that compares views
    *("labelled_batch_size", "class_weight", "rotated_class_loss", "max_shift", "random_flip"),
}
OF_NO_TASK = {"save_checkpoints_steps", "probe_images", "rounds", "generated_per_class"}
ADDED = {  # options that older versions did not have and what they did: such values are in no record
    *(("optimizer", "sgd"), ("schedule", "steps"), ("last_learning_rate", 0.0), ("views", None)),
}


def cache_dir(chosen):
    """Folder of all extractors: `inferred_labels.cache_dir`, or the default if that is None."""
    return pathlib.Path(chosen) if chosen else default_cache_dir() / "pretraining"


def provenance(dataset, options, network_options, method=None, few_labels=None):
    """{name: JSON value} of everything that determines an extractor's weights and their measured accuracies.

    The content of all images counts. The first ones are read, since they show what no option names, such as another
    version of a decoder.

    Args:
        dataset: `ImageDataset` with only the labels that the task may see.
        options: `PretrainOptions`.
        network_options: `ResNetV2Options`.
        method: self-supervised `Method`; None for other tasks.
        few_labels: `FewLabelOptions` of the tasks that read them; None for others.

    Raises:
        ConfigError, DamagedFileError: if `few_labels.start` is not the folder of a trained extractor.
    """
    count = min(FINGERPRINTED_IMAGES, dataset.source.num_train)
    images, _ = next(iter(dataset.batches("train", count, count)))
    inputs = {
        "format": FORMAT,
        "dataset": dataset.name,
        "image_shape": dataset.image_shape,
        "fingerprint": dataset.fingerprint,
        "content": dataset.content,  # of stored labels too: accuracies are measured with them
        "options of the data": dataset.options,
        "shuffle_buffer_size": dataset.source.shuffle_buffer_size,
        "pretrain": _read_options(options),
        "resnet_v2": dataclasses.asdict(network_options),
        "names": _digest("\n".join(dataset.source.training_names()).encode("utf-8", "surrogateescape")),
        "images": _digest(images.tobytes()),
        "kept": None if dataset.train_mask is None else _digest(np.packbits(dataset.train_mask).tobytes()),
    }
    if options.reads_labels:
        inputs["labels"] = _digest(given_labels(dataset).astype(np.int32).tobytes())
    if method is not None:
        inputs["method"] = dataclasses.asdict(method)
        inputs["views"] = type(options.views).__name__
    if few_labels is not None:
        start = few_labels.start and start_weights.digest_of(few_labels.start)  # not where they are, but which
        inputs["few_labels"] = dataclasses.asdict(few_labels) | {"start": start}
    return json.loads(json.dumps(inputs))


def _read_options(options):
    """{name: value} of those of `pretrain` that determine the weights."""
    unread = OF_NO_TASK | (UNREAD_BESIDE_VIEWS if options.compares_views else UNREAD[options.task] | {"views"})
    unread |= {"decay_steps", "decay_factor"} if options.schedule == "cosine" else {"last_learning_rate"}
    unread |= {"momentum"} if options.optimizer == "adamw" else set()
    values = dataclasses.asdict(options)
    unread |= {name for name, value in ADDED if values[name] == value}
    return {name: value for name, value in values.items() if name not in unread}


def name_of(inputs):
    """Name of the folder of an extractor with these inputs: DATASET-TASK-HASH."""
    address = store.key_of(inputs)[:12]
    readable = re.sub(r"[^\w.-]", "_", f"{inputs['dataset']}-{inputs['pretrain']['task']}")
    return f"{readable}-{address}"


def require_inputs(folder, inputs):
    """Records the provenance of a folder's extractor, and refuses a folder that holds another one.

    Raises:
        ConfigError: if the folder holds an extractor of another provenance.
        DamagedFileError: if its record cannot be read.
    """
    path = folder / extractor_record.NAME
    if not path.exists():
        store.write_json(path, inputs)
        return
    recorded = store.read_json(path, f"move {folder} away to start again")
    unknown = {"content"} - recorded.keys()  # in folders of older versions
    compared = inputs.keys() - unknown
    different = sorted(name for name in compared if name not in recorded or recorded[name] != inputs[name])
    if different:
        raise ConfigError(f"--model_dir: {folder} holds pre-training with other values of {', '.join(different)}")


@contextlib.contextmanager
def locked(folder):
    """Context manager: this process alone works in the folder; waits for another one that does.

    Raises:
        ConfigError: if the folder cannot be written.
    """

    def wait():
        log.info(f"waits for another process that pre-trains in {folder}")

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "ab")
    except OSError as error:
        raise ConfigError(
            f"cannot write to {folder} (inferred_labels.cache_dir, --model_dir): {error.strerror}"
        ) from error
    with files.holding(lock, wait):
        yield


def _digest(data):
    return hashlib.sha256(data).hexdigest()[:16]
