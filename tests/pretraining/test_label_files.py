import json
import struct

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.datasets.labels.replacement import read_labels
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.pretraining.label_files import keep_manifest, write_label_files

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
FACTS = {"dataset": "tiny", "num_classes": 4}


def records(path):
    """Serialized records of a TFRecord file, by its layout: length, its checksum, data, their checksum."""
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found.append(data[12 : 12 + length])
        data = data[16 + length :]
    return found


def examples(path):
    return [tf.train.Example.FromString(record).features.feature for record in records(path)]


def test_hard_labels_have_the_originals_format(tmp_path):
    write_label_files(tmp_path, NAMES, np.array([3, 0, 1]), FACTS)
    found = examples(tmp_path / "labels-train.tfrecord")
    assert [example["file_name"].bytes_list.value[0].decode() for example in found] == NAMES
    assert [list(example["label"].int64_list.value) for example in found] == [[3], [0], [1]]
    assert all(example.keys() == {"file_name", "label"} for example in found)


def test_soft_labels_are_logits(tmp_path):
    logits = np.array([[1.5, 0, 0, 0], [0, 2, 0, -1], [0, 0, 3, 0]], np.float32)
    pattern = write_label_files(tmp_path, NAMES, logits, FACTS)
    found = examples(tmp_path / "labels-train.tfrecord")
    assert np.array([example["label"].float_list.value for example in found], np.float32).tolist() == logits.tolist()
    read = read_labels(pattern, NAMES, 4, soft=True, dataset_name="tiny")
    assert read == pytest.approx(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), rel=1e-6)


def test_they_are_read_back_and_the_manifest_says_what_they_are(tmp_path):
    pattern = write_label_files(tmp_path, NAMES, np.array([3, 0, 1]), FACTS | {"accuracy": 0.5})
    assert read_labels(pattern, NAMES[::-1], 4, soft=False, dataset_name="tiny").tolist() == [1, 0, 3]
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    expected = {"dataset": "tiny", "num_classes": 4, "accuracy": 0.5, "split": "train", "count": 3, "soft": False}
    assert expected.items() <= manifest.items()


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"dataset_name": "other"}, "expected dataset other, its manifest has tiny"),
        ({"num_classes": 10}, "expected num_classes 10, its manifest has 4"),
        ({"soft": True}, "expected soft True, its manifest has False"),
    ],
)
def test_labels_of_something_else_are_refused(tmp_path, changed, message):
    pattern = write_label_files(tmp_path, NAMES, np.array([3, 0, 1]), FACTS)
    wanted = {"num_classes": 4, "soft": False, "dataset_name": "tiny"} | changed
    with pytest.raises(ConfigError, match=f"replace_labels.file_pattern: .*{message}"):
        read_labels(pattern, NAMES, **wanted)


def test_labels_of_images_are_those_of_other_sizes_and_variants_of_them(tmp_path):
    pattern = write_label_files(tmp_path, NAMES, np.eye(4, dtype=np.float32)[:3], FACTS | {"dataset": "imagenet_64"})
    read = read_labels(pattern, NAMES, 4, soft=True, dataset_name="soft_labeled_imagenet_128")
    assert read.argmax(axis=1).tolist() == [0, 1, 2]
    for name in ("mnist", "mnist_5k"):
        with pytest.raises(ConfigError, match=f"expected dataset {name}, its manifest has imagenet_64"):
            read_labels(pattern, NAMES, 4, soft=True, dataset_name=name)


def test_changed_records_and_broken_manifests_are_refused(tmp_path):
    pattern = write_label_files(tmp_path, NAMES, np.array([3, 0, 1]), FACTS)
    wanted = {"num_classes": 4, "soft": False, "dataset_name": "tiny"}
    manifest = (tmp_path / "manifest.json").read_text()
    write_label_files(tmp_path, NAMES, np.array([3, 0, 2]), FACTS)
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(ConfigError, match="was changed: its checksum is"):
        read_labels(pattern, NAMES, **wanted)
    (tmp_path / "manifest.json").write_text(manifest[:20])
    with pytest.raises(ConfigError, match="manifest.json is not a manifest of labels-train.tfrecord"):
        read_labels(pattern, NAMES, **wanted)


def test_a_run_stays_with_the_labels_it_began_with(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    for labels in ([3, 0, 1], [3, 0, 1]):
        write_label_files(tmp_path, NAMES, np.array(labels), FACTS)
        keep_manifest(tmp_path, run / "inferred_labels.json")
    before = (run / "inferred_labels.json").read_bytes()
    write_label_files(tmp_path, NAMES, np.array([3, 0, 2]), FACTS)
    with pytest.raises(ConfigError, match="inferred_labels: .* are not those that .*run began with"):
        keep_manifest(tmp_path, run / "inferred_labels.json")
    assert (run / "inferred_labels.json").read_bytes() == before
    (run / "inferred_labels.json").write_text("{")
    write_label_files(tmp_path, NAMES, np.array([3, 0, 1]), FACTS)
    keep_manifest(tmp_path, run / "inferred_labels.json")  # whose checksum says that it was this one
    assert (run / "inferred_labels.json").read_bytes() == before
    write_label_files(tmp_path, NAMES, np.array([3, 0, 2]), FACTS)
    (run / "inferred_labels.json").write_text("{")
    with pytest.raises(DamagedFileError, match="inferred_labels.json: expected a manifest of label files"):
        keep_manifest(tmp_path, run / "inferred_labels.json")


def test_one_value_for_each_name():
    with pytest.raises(ValueError, match=r"expected one row for each of 3 names, got \(2,\)"):
        write_label_files(None, NAMES, np.array([3, 0]), FACTS)
