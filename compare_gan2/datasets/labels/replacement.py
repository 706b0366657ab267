"""Labels from files in place of the stored ones: `replace_labels.file_pattern`, in the original's TFRecord format.

A record is a `tf.train.Example` with `file_name` (bytes) and `label`: an int64, -1 for an unlabelled image; for soft
labels one float logit per class. Classes may also be whole floats, one-hot int64 rows, or counted from 1; the log says
how they were read. Records are matched with images by name, in any order. Our own pre-training writes a
manifest beside its files, and they are checked against it.
"""

import collections
import dataclasses
import hashlib
import pathlib
from typing import Annotated

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf
from compare_gan2.datasets.catalog import DATASETS
from compare_gan2.datasets.labels.label_options import UNLABELLED, InferredLabels
from compare_gan2.datasets.sources.array_checks import checked_labels, counted_from_0
from compare_gan2.datasets.sources.record_files import damage_of
from compare_gan2.ground import json_text, sealed_files
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.ground.json_text import is_count
from compare_gan2.ground.local_paths import problem_of_content, problem_of_name

OPTION = "replace_labels.file_pattern"
MANIFEST = "manifest.json"
SHOWN = 3  # names in a message


@configurable("replace_labels", module="compare_gan.datasets", allowlist=["file_pattern"])
@dataclasses.dataclass(frozen=True)
class ReplaceLabels:
    """Files that training labels come from.

    Attributes:
        file_pattern: glob pattern of the files, with `{split}` for the split ("train"); None: labels as stored.
    """

    file_pattern: Annotated[str, AnyOf("glob patterns, checked when the files are looked for")] | None = None


def read_labels(pattern, names, num_classes, soft, dataset_name, content=None):
    """Labels of all training images from the files of a pattern.

    Args:
        pattern: `ReplaceLabels.file_pattern`.
        names: names of the images, in the order of their numbers.
        num_classes: number of classes or clusters.
        soft: whether records hold logits.
        dataset_name: of the images, compared with that of a manifest.
        content: see `Source.content`; if a manifest records one, its images have to be these. None: not compared.

    Returns:
        Labels int32 [len(names)]; if soft, the softmax of the logits, float32 [len(names), num_classes].

    Raises:
        DataError: if no file matches, a record cannot be read, a label is outside the classes, the records are not
            exactly those of the images, or a manifest describes other ones.
        ConfigError: for other braces in the pattern than those of {split}.
    """
    files = _files(pattern)
    _check_manifest(files, {"dataset": dataset_name, "num_classes": num_classes, "soft": soft}, content or {})
    kind, first = _label_of_first(files[0])
    size = num_classes if soft else max(len(first), 1)
    feature = tf.io.FixedLenFeature([size], tf.float32 if soft or kind == "float" else tf.int64)
    parsing = {"file_name": tf.io.FixedLenFeature([], tf.string), "label": feature}
    records = tf.data.TFRecordDataset(files).batch(1024).map(lambda batch: tf.io.parse_example(batch, parsing))
    found, values = [], []
    try:
        for batch in records.as_numpy_iterator():
            found += [name.decode("utf-8", "surrogateescape") for name in batch["file_name"]]
            values.append(batch["label"])
    except (tf.errors.OpError, UnicodeDecodeError) as error:  # the latter if TensorFlow's message quotes the bytes
        for file in files:
            if reason := damage_of(file):
                raise DataError(f"{OPTION}: {file} is no TFRecord file, or damaged: {reason}") from error
        labels = f"{num_classes} float logits" if soft else "an int64 label"
        raise DataError(
            f"{OPTION}: expected records with file_name and {labels} in {', '.join(files)}, like the first one"
        ) from error
    _require_same(found, names)
    values = np.concatenate(values)
    if soft:
        _require_finite(found, values)
    else:
        values = _as_classes(values, num_classes)
        _require_classes(found, values, num_classes)
    number_of = {name: number for number, name in enumerate(names)}
    labels = np.empty([len(names), *values.shape[1:]], np.float32 if soft else np.int32)
    labels[[number_of[name] for name in found]] = tf.nn.softmax(values).numpy() if soft else values
    return labels


def description_of(pattern):
    """`InferredLabels` that files hold: by the manifest beside the first one, else by its first record.

    None for whole numbers without a manifest, which are classes of the dataset.

    Raises:
        DataError: if no file matches, or the manifest does not describe such files.
        ConfigError: for other braces in the pattern than those of {split}.
    """
    file = _files(pattern)[0]
    path = pathlib.Path(file).parent / MANIFEST
    if not path.exists():
        kind, values = _label_of_first(file)
        if kind != "float" or len(values) == 1:  # whole numbers as floats
            return None
        if sorted(values) == [0.0] * (len(values) - 1) + [1.0]:
            raise DataError(
                f"{OPTION}: {file} holds one-hot rows of floats, which could be logits or classes; write classes as "
                "int64, or logits as the logarithms of probabilities"
            )
        return InferredLabels(pattern, len(values), soft=True)
    try:
        manifest = json_text.parsed(sealed_files.read(path, "infer the labels again"))
        if not is_count(manifest["num_classes"]) or not isinstance(manifest["soft"], bool):
            raise ValueError(f"num_classes {manifest['num_classes']!r}, soft {manifest['soft']!r}")
        return InferredLabels(pattern, manifest["num_classes"], manifest["soft"], manifest.get("kind") != "clusters")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{OPTION}: {path} is not a manifest of label files: {error!r}") from error


def _label_of_first(file):
    """("int64" or "float", values) of the label of the first record; (None, []) for what `read_labels` reports."""
    try:
        for record in tf.data.TFRecordDataset(file).take(1):
            label = tf.train.Example.FromString(record.numpy()).features.feature["label"]
            kind = {"int64_list": "int64", "float_list": "float"}.get(label.WhichOneof("kind"))
            return kind, [] if kind is None else list(getattr(label, f"{kind}_list").value)
    except (tf.errors.OpError, DecodeError, UnicodeDecodeError):
        pass
    return None, []


def _as_classes(values, num_classes):
    """Classes [N] of labels [N, 1], whole floats, one-hot rows, or classes counted from 1; the log says how."""
    values = values[:, 0] if values.shape[1] == 1 else values
    if values.ndim == 2 or values.dtype != np.int64:
        values = checked_labels(values, len(values), OPTION, UNLABELLED)
    (values,) = counted_from_0([values], num_classes, OPTION)
    return values


def _files(pattern):
    chosen = pattern.replace("{split}", "train")
    if "{" in chosen or "}" in chosen:
        raise ConfigError(f"{OPTION}: expected no braces but those of {{split}}, got {pattern!r}")
    if problem := problem_of_name(chosen):
        raise ConfigError(f"{OPTION}: expected a pattern of files, got {problem}: {pattern!r}")
    found = sorted(tf.io.gfile.glob(chosen))
    if not found:
        raise DataError(f"{OPTION}: no file matches {chosen!r}")
    for file in found:
        if problem := "a folder" if tf.io.gfile.isdir(file) else problem_of_content(file):
            raise DataError(f"{OPTION}: expected TFRecord files, {file} is {problem}")
    return found


def _check_manifest(label_files, expected, content):
    """Raises a `DataError` for files other than the manifest beside them says; without one, nothing is checked."""
    for file in map(pathlib.Path, label_files):
        try:
            manifest = json_text.parsed(sealed_files.read(file.parent / MANIFEST, "infer the labels again"))
            checksum, of_images = manifest["sha256"][file.name], (manifest.get("content") or {}).get("images")
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"{OPTION}: {file.parent / MANIFEST} is not a manifest of {file.name}: {error!r}"
            ) from error
        for name, value in expected.items():
            if manifest.get(name) != value and not (name == "dataset" and _same_images(manifest.get(name), value)):
                raise DataError(f"{OPTION}: {file}: expected {name} {value}, its manifest has {manifest.get(name)}")
        images = content.get("images")
        if None not in (of_images, images) and of_images != images:
            raise DataError(
                f"{OPTION}: {file}: its labels are those of other images of {manifest.get('dataset')} (checksum "
                f"{of_images}, now {images}); infer them again"
            )
        with open(file, "rb") as records:
            found = hashlib.file_digest(records, "sha256").hexdigest()
        if found != checksum:
            raise DataError(f"{OPTION}: {file} was changed: its checksum is {found}, its manifest has {checksum}")


def _same_images(name, other):
    """Whether two names of the catalogue mean the same images, prepared or labelled in two ways."""
    if not all(isinstance(each, str) and each in DATASETS for each in (name, other)):
        return False
    facts = [(entry.tfds_name, entry.train_split) for entry in (DATASETS[name], DATASETS[other])]
    return facts[0] == facts[1] and facts[0][0] is not None


def _require_same(found, names):
    counts = collections.Counter(found)
    wrong = {
        "of no training image": sorted(counts.keys() - set(names)),
        "doubled": sorted(name for name, count in counts.items() if count > 1),
        "missing": sorted(set(names) - counts.keys()),
    }
    shown = [f"{len(which)} {what} (such as {', '.join(which[:SHOWN])})" for what, which in wrong.items() if which]
    if shown:
        raise DataError(f"{OPTION}: {len(found)} records for {len(names)} training images: {'; '.join(shown)}")


def _require_finite(found, values):
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if bad.size:
        raise DataError(f"{OPTION}: expected finite logits, got {values[bad[0]]} for {found[bad[0]]}")


def _require_classes(found, values, num_classes):
    bad = np.flatnonzero((values < UNLABELLED) | (values >= num_classes))
    if bad.size:
        raise DataError(
            f"{OPTION}: expected labels from -1 to {num_classes - 1}, got {values[bad[0]]} for {found[bad[0]]}"
        )
