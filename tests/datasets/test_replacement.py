import json
import os

import numpy as np
import pytest
import tensorflow as tf
from support.bound_dataset import opened
from support.label_records import write_labels

from compare_gan2.datasets.labels.replacement import description_of, read_labels
from compare_gan2.ground.errors import ConfigError, DataError

NAMES = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def test_labels_are_matched_by_name(tmp_path):
    write_labels(tmp_path / "train-1", [("d.jpg", 2), ("a.jpg", -1)])
    write_labels(tmp_path / "train-2", [("c.jpg", 0), ("b.jpg", 1)])
    labels = read_labels(f"{tmp_path}/{{split}}-*", NAMES, 3, soft=False, dataset_name="digits")
    assert labels.dtype == np.int32
    np.testing.assert_array_equal(labels, [-1, 1, 0, 2])


def test_logits_become_probabilities(tmp_path):
    write_labels(tmp_path / "train", [(name, [np.log(1 + n), 0.0]) for n, name in enumerate(NAMES)])
    probabilities = read_labels(f"{tmp_path}/train", NAMES, 2, soft=True, dataset_name="digits")
    np.testing.assert_allclose(
        probabilities, [[1 / 2, 1 / 2], [2 / 3, 1 / 3], [3 / 4, 1 / 4], [4 / 5, 1 / 5]], rtol=1e-5
    )


@pytest.mark.parametrize(
    "labels, soft, message",
    [
        (zip(NAMES[:3], [0, 1, 2], strict=True), False, "3 records for 4 training images: 1 missing .such as d.jpg"),
        (zip([*NAMES, "a.jpg"], [0] * 5, strict=True), False, "1 doubled .such as a.jpg"),
        (zip([*NAMES[:3], "e.jpg"], [0] * 4, strict=True), False, "1 of no training image .such as e.jpg.; 1 missing"),
        (zip(NAMES, [0, 1, 2, 3], strict=True), False, "expected labels from -1 to 2, got 3 for d.jpg"),
        (zip(NAMES, [0, 1, -2, 1], strict=True), False, "expected labels from -1 to 2, got -2 for c.jpg"),
        (zip(NAMES, [[0.0, 1.0]] * 4, strict=True), True, "expected records with file_name and 3 float logits"),
        (zip(NAMES, [0] * 4, strict=True), True, "expected records with file_name and 3 float logits"),
        (
            zip(NAMES, [[0.0, 1.0, 2.0]] * 4, strict=True),
            False,
            "expected 4 integer labels from -1, got int64",
        ),
    ],
)
def test_files_of_something_else_are_refused(tmp_path, labels, soft, message):
    write_labels(tmp_path / "train", labels)
    with pytest.raises(DataError, match=f"replace_labels.file_pattern: .*{message}"):
        read_labels(f"{tmp_path}/train", NAMES, 3, soft, dataset_name="digits")


@pytest.mark.parametrize(
    ("labels", "how"),
    [
        ([[2.0], [0.0], [1.0], [-1.0]], "are read as whole numbers"),
        ([np.array([0, 0, 1]), np.array([1, 0, 0]), np.array([0, 1, 0]), np.array([1, 0, 0])], "one-hot rows of 3"),
        ([3, 1, 2, -1], "are read as classes counted from 1 to 3"),
        ([2, 0, 1, -1], None),
    ],
)
def test_other_forms_of_classes_are_read(tmp_path, caplog, labels, how):
    write_labels(tmp_path / "train", zip(NAMES, labels, strict=True))
    with caplog.at_level("INFO", "compare_gan2"):
        found = read_labels(f"{tmp_path}/train", NAMES, 3, soft=False, dataset_name="digits")
    np.testing.assert_array_equal(found, [2, 0, 1, 0 if how and "one-hot" in how else -1])
    assert [how in text for text in caplog.messages] == ([] if how is None else [True])
    assert description_of(f"{tmp_path}/train") is None


@pytest.mark.parametrize("labels", [[[0.5], [1.0], [0.0], [0.0]], [np.array([1, 1, 0])] * 4])
def test_ambiguous_classes_are_refused(tmp_path, labels):
    write_labels(tmp_path / "train", zip(NAMES, labels, strict=True))
    with pytest.raises(DataError, match="replace_labels.file_pattern: expected 4 integer labels from -1"):
        read_labels(f"{tmp_path}/train", NAMES, 3, soft=False, dataset_name="digits")


def test_one_hot_floats_may_be_logits_and_are_refused(tmp_path):
    write_labels(tmp_path / "train", [(name, [0.0, 1.0, 0.0]) for name in NAMES])
    with pytest.raises(DataError, match="one-hot rows of floats, .*; write classes as int64, or logits as the log"):
        description_of(f"{tmp_path}/train")


def test_missing_and_damaged_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="replace_labels.file_pattern: no file matches .*train-x"):
        read_labels(f"{tmp_path}/{{split}}-x", NAMES, 3, soft=False, dataset_name="digits")
    (tmp_path / "train").write_bytes(b"no records" * 9)
    with pytest.raises(DataError, match="^replace_labels.file_pattern: .* is no TFRecord file, .*corrupted"):
        read_labels(f"{tmp_path}/train", NAMES, 3, soft=False, dataset_name="digits")
    with tf.io.TFRecordWriter(str(tmp_path / "train")) as writer:  # TensorFlow's message quotes the bytes
        writer.write(b"\x0a\xff\xfe" * 9)
    with pytest.raises(DataError, match="replace_labels.file_pattern: expected records .* like the first one"):
        read_labels(f"{tmp_path}/train", NAMES, 3, soft=False, dataset_name="digits")


@pytest.mark.parametrize("name", ["a pipe", "a folder", "/dev/zero"])
def test_what_is_no_file_is_not_read(tmp_path, name):
    os.mkfifo(tmp_path / "a pipe")
    (tmp_path / "a folder").mkdir()
    with pytest.raises(DataError, match="replace_labels.file_pattern: expected TFRecord files, .* is a "):
        description_of(str(tmp_path / name))


@pytest.mark.parametrize("pattern", ["{split:>9999999999}", "{split.x}", "{}", "a\0b", "gs://a/b", ""])
def test_patterns_that_name_no_files(pattern):
    """A width in the braces took all memory; an address took minutes."""
    with pytest.raises(ConfigError, match="^replace_labels.file_pattern: expected "):
        description_of(pattern)


@pytest.mark.parametrize(
    "changed",
    [
        "[" * 100_000,
        "[]",
        {"content": [1]},
        {"dataset": ["digits"]},
        {"num_classes": float("inf")},
        {"num_classes": "3"},
        {"soft": "no"},
        {"sha256": None},
    ],
)
def test_manifests_of_other_types_are_refused(tmp_path, changed):
    write_labels(tmp_path / "train", [(name, 0) for name in NAMES])
    facts = {"dataset": "digits", "num_classes": 3, "soft": False, "sha256": {"train": "0" * 64}}
    text = changed if isinstance(changed, str) else json.dumps(facts | changed)
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(DataError, match="^replace_labels.file_pattern: ") as caught:
        description_of(f"{tmp_path}/train")
        read_labels(f"{tmp_path}/train", NAMES, 3, soft=False, dataset_name="digits")
    assert "\n" not in str(caught.value)


def test_images_without_names_of_their_own_are_named_by_their_number(tmp_path):
    write_labels(tmp_path / "train", [(str(number), number % 10) for number in range(4000)])
    binding = f"replace_labels.file_pattern = '{tmp_path}/{{split}}'"
    np.testing.assert_array_equal(opened("mnist_5k", binding).labels, np.arange(4000) % 10)
    dataset = opened("mnist_5k", binding, "labels.fraction = 0.1")
    assert dataset.num_labelled == 400
    np.testing.assert_array_equal(
        np.unique(dataset.labels[dataset.labels >= 0] - np.flatnonzero(dataset.labels >= 0) % 10), 0
    )


@pytest.mark.parametrize(
    "name, kind",
    [
        ("celeb_a", "no labels"),
        ("single_class_imagenet_128", "single labels of its own"),
        ("random_class_imagenet_128", "random labels of its own"),
    ],
)
def test_datasets_that_take_no_labels_from_files_say_so(name, kind):
    with pytest.raises(ConfigError, match=f"replace_labels.file_pattern: this dataset has {kind}, got 'labels/"):
        opened(name, "replace_labels.file_pattern = 'labels/{split}'", fake=True)


def test_fake_data_needs_no_files():
    binding = "replace_labels.file_pattern = '/nowhere/{split}'"
    assert opened("imagenet_64", binding, fake=True).num_labelled == 100
    assert opened("soft_labeled_imagenet_128", binding, fake=True).has_soft_labels
