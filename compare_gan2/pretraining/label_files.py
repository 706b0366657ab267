"""Labels for all training images as files, in the format that `replace_labels.file_pattern` reads (see there)."""

import hashlib
import json

import numpy as np
import tensorflow as tf

from compare_gan2.datasets.labels.replacement import MANIFEST
from compare_gan2.ground import json_text, sealed_files
from compare_gan2.ground.checksums import checksum_of_bytes
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.ground.messages import log

RECORDS = "labels-train.tfrecord"
PATTERN = "labels-{split}.tfrecord"


def write_label_files(folder, names, values, facts):
    """Pattern of the files, after writing the records and then their manifest, which marks them as complete.

    Args:
        folder: where to write; made if it is missing.
        names: list of the images' names.
        values: whole numbers [n], or float logits [n,num_classes].
        facts: {name: value} for the manifest; count, kind of values and checksum are added.

    Returns:
        Pattern of the files for `replace_labels.file_pattern`.
    """
    values = np.asarray(values)
    if len(names) != len(values) or values.ndim not in (1, 2):
        raise ValueError(f"values: expected one row for each of {len(names)} names, got {values.shape}")
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{RECORDS}.tmp"
    try:
        with tf.io.TFRecordWriter(str(temporary)) as writer:
            for name, value in zip(names, values, strict=True):
                writer.write(_record(name, value).SerializeToString())
        temporary.replace(folder / RECORDS)
    finally:
        temporary.unlink(missing_ok=True)  # left by a full disk
    with open(folder / RECORDS, "rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {**facts, "split": "train", "count": len(names), "soft": values.ndim == 2, "sha256": {RECORDS: checksum}}
    sealed_files.write(folder / MANIFEST, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode())
    return str(folder / PATTERN)


def keep_manifest(folder, path):
    """Copies the manifest in a folder of label files to `path`, so that a run records which labels it trains on.

    Raises:
        ConfigError: if `path` holds the manifest of other labels.
        DamagedFileError: if one of them cannot be read.
    """
    of_labels = sealed_files.read(folder / MANIFEST, "infer the labels again")
    if path.exists():
        if checksum_of_bytes(of_labels) in sealed_files.digests_of(path):
            if path.read_bytes() != of_labels:
                log.warning(f"{path}: damaged, copied again from {folder / MANIFEST}")
                sealed_files.remove(path)
                sealed_files.write(path, of_labels)
            return
        kept, found = _checksums(path), _checksums(folder / MANIFEST)
        if kept != found:
            raise ConfigError(
                f"inferred_labels: the labels in {folder} are not those that {path.parent} began with: their checksums "
                f"are {found}, in {path.name} {kept}. Bring back those files, or choose another --model_dir"
            )
        return
    sealed_files.write(path, of_labels)


def _checksums(path):
    try:
        return json_text.parsed(sealed_files.read(path))["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedFileError(f"{path}: expected a manifest of label files with sha256: {error!r}") from error


def _record(name, value):
    if value.ndim:
        label = tf.train.Feature(float_list=tf.train.FloatList(value=value.tolist()))
    else:
        label = tf.train.Feature(int64_list=tf.train.Int64List(value=[int(value)]))
    file_name = tf.train.Feature(bytes_list=tf.train.BytesList(value=[name.encode("utf-8", "surrogateescape")]))
    return tf.train.Example(features=tf.train.Features(feature={"file_name": file_name, "label": label}))
