import csv
import dataclasses
import json

import numpy as np
import pytest
from support.bound_dataset import opened as opened_as

from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.ground import sealed_files
from compare_gan2.ground.errors import ConfigError, DamagedFileError
from compare_gan2.run_folder import dataset_record


def opened(*bindings):
    return opened_as("mnist_5k", *bindings)


def written(folder, dataset):
    known = dataset_record.of_dataset(dataset)
    dataset_record.check(folder, dataset, known)
    dataset_record.write(folder, dataset, known)
    return known


def test_a_record_is_read_as_they_were_written(tmp_path):
    known = written(tmp_path, opened("labels.fraction = 0.1"))
    assert dataset_record.of_run(tmp_path, "mnist_5k") == known
    assert (known.num_classes, known.num_train, known.num_labelled) == (10, 4000, 400)
    np.testing.assert_allclose(known.label_distribution, 0.1)


@pytest.mark.parametrize(
    "changed",
    [
        *({"image_shape": shape} for shape in ("abc", [-1, 32, 1], [32, 32], [32000, 32000, 1])),
        *({"num_classes": "ten"}, {"num_classes": 0}, {"num_classes": 10.0}, {"class_names": ["a"]}),
        *({"class_names": list(range(10))}, {"num_train": "x"}, {"num_labelled": -1}, {"labels_are_classes": "no"}),
        *(
            {"label_distribution": [-1.0] * 10},
            {"label_distribution": [float("nan")] * 10},
            {"content": [1]},
            {"name": 5},
        ),
    ],
)
def test_facts_of_other_types_are_damage(tmp_path, changed):
    """They were tracebacks of networks, of reports and of evaluate."""
    written(tmp_path, opened("labels.fraction = 0.1"))
    path = tmp_path / dataset_record.FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    sealed_files.seal_path(path).unlink()
    with pytest.raises(DamagedFileError, match=r"dataset.json: cannot be read as facts of a dataset: \w+ is .*"):
        dataset_record.read(tmp_path)


def test_the_list_names_each_labelled_image(tmp_path):
    dataset = opened("labels.per_class = 3", "labels.noise = 0.5")
    written(tmp_path, dataset)
    with open(tmp_path / "labelled_images.csv") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 30
    assert all(int(row["label"]) == dataset.labels[int(row["index"])] and row["name"] == row["index"] for row in rows)


@pytest.mark.parametrize("bindings", [[], ["labels.source = 'single'"]])
def test_no_list_where_it_would_say_nothing(tmp_path, bindings):
    written(tmp_path, opened(*bindings))
    assert sorted(path.name for path in tmp_path.iterdir()) == [".dataset.json.sha256", "dataset.json"]


def test_a_second_session_changes_nothing(tmp_path):
    dataset = opened("labels.fraction = 0.5")
    written(tmp_path, dataset)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    written(tmp_path, dataset)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_other_data_is_refused_and_nothing_is_overwritten(tmp_path):
    written(tmp_path, opened("labels.fraction = 0.5"))
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ConfigError, match=r"--model_dir: .* other data: num_labelled was 2000, now 400"):
        written(tmp_path, opened("labels.fraction = 0.1"))
    with pytest.raises(ConfigError, match=r"--model_dir: .*labelled_images\.csv lists other images"):
        written(tmp_path, opened("labels.fraction = 0.5", "labels.seed = 1"))
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_unknown_distribution_matches_any(tmp_path):
    dataset = opened()
    written(tmp_path, dataset)
    dataset_record.check(
        tmp_path, dataset, dataclasses.replace(dataset_record.of_dataset(dataset), label_distribution=None)
    )


def test_runs_without_the_file(tmp_path):
    assert dataset_record.of_run(tmp_path, "imagenet_64").image_shape == (64, 64, 3)
    assert not dataset_record.of_run(tmp_path, "single_class_imagenet_128").labels_are_classes
    with pytest.raises(ConfigError, match=r"model_dir: expected a dataset\.json in .*, as folder is not in the"):
        dataset_record.of_run(tmp_path, "folder")


@pytest.mark.parametrize("text", ["{", json.dumps({"name": "mnist"})])
def test_a_damaged_file(tmp_path, text):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(DamagedFileError, match=r"dataset\.json: cannot be read as facts of a dataset"):
        dataset_record.of_run(tmp_path, "mnist")


def test_changed_bytes_are_noticed_and_the_way_out_is_right(tmp_path, caplog):
    dataset = opened("labels.fraction = 0.1")
    record = written(tmp_path, dataset)
    path, labelled = tmp_path / "dataset.json", tmp_path / "labelled_images.csv"
    text = path.read_text()
    path.write_text(text.replace('"num_labelled": ', '"num_labelled": 1'))
    with pytest.raises(DamagedFileError, match=r"dataset.json: damaged .* delete it and \.dataset.json.sha256"):
        dataset_record.of_run(tmp_path, "mnist")
    path.unlink()
    sealed_files.seal_path(path).unlink()
    assert written(tmp_path, dataset) == record and path.read_text() == text
    kept = labelled.read_bytes()
    labelled.write_bytes(kept[:-9])
    written(tmp_path, dataset)  # the checksum says that it listed these images
    assert labelled.read_bytes() == kept and f"{labelled}: damaged, written again" in caplog.text
    labelled.write_bytes(kept[:-9])
    with pytest.raises(DamagedFileError, match="labelled_images.csv: damaged or changed since it was written"):
        dataset_record.check(tmp_path, opened("labels.fraction = 0.1", "labels.seed = 1"), record)


def test_warnings():
    known = dataset_record.of_dataset(opened())
    assert not list(dataset_record.label_warnings(known, False, "uniform"))
    assert not list(dataset_record.label_warnings(known, True, "empirical"))
    [warning] = dataset_record.label_warnings(known, True, "uniform")
    assert "eval_labels.prior = 'empirical'" in warning
    known = dataclasses.replace(known, label_distribution=(0.5, 0.0, 0.5, 0.0))
    [warning] = dataset_record.label_warnings(known, False, "uniform")
    assert warning == "2 classes have no labelled training image (such as 1, 3)"
    known = dataclasses.replace(known, label_distribution=(0.3, 0.6, 0.1))
    [warning] = dataset_record.label_warnings(known, False, "uniform")
    assert warning.startswith("classes have 10 to 60 % of the labels, and scores ask for all alike: bind eval_labels")
    assert not list(dataset_record.label_warnings(known, False, "empirical"))
    known = dataclasses.replace(known, label_distribution=(0.3, 0.4, 0.3))
    assert not list(dataset_record.label_warnings(known, False, "uniform"))


def test_changed_content_is_refused_and_named(tmp_path):
    images = np.random.RandomState(0).randint(0, 256, (100, 4, 4, 1)).astype(np.uint8)
    labels = np.arange(100) % 2

    def of_arrays():
        memory = InMemorySource((images[:80], labels[:80]), (images[80:], labels[80:]))
        return ImageDataset("mine", (4, 4, 1), 2, memory)

    written(tmp_path, of_arrays())
    written(tmp_path, of_arrays())
    images = images.copy()
    images[79, 3, 3] ^= 1
    with pytest.raises(ConfigError, match=r".* other data: train images changed \(checksum \w+, now \w+\)$"):
        written(tmp_path, of_arrays())
    images[79, 3, 3] ^= 1
    labels = labels.copy()
    labels[[98, 99]] = labels[[99, 98]]  # as many of each class as before
    with pytest.raises(ConfigError, match="other data: test labels changed"):
        written(tmp_path, of_arrays())


def test_a_record_without_content_matches_any(tmp_path):
    dataset = opened()
    known = written(tmp_path, dataset)
    values = json.loads((tmp_path / "dataset.json").read_text())
    assert sorted(values.pop("content")) == ["test images", "test labels", "train images", "train labels"]
    sealed_files.write(tmp_path / "dataset.json", json.dumps(values).encode())
    dataset_record.check(tmp_path, dataset, known)
