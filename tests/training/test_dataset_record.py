import numpy as np
import pytest

from compare_gan2.reporting.files import DamagedFileError
from compare_gan2.training.dataset_record import DatasetRecord, read_dataset_record, write_dataset_record


@pytest.mark.parametrize(
    "record",
    [
        DatasetRecord("folder", (64, 64, 3), None),
        DatasetRecord("digits", (32, 32, 1), 2, ("zero", "one"), np.array([0.25, 0.75])),
    ],
)
def test_what_is_written_is_read(tmp_path, record):
    write_dataset_record(tmp_path, record)
    read = read_dataset_record(tmp_path)
    for name in ("name", "image_shape", "num_classes", "class_names"):
        assert getattr(read, name) == getattr(record, name)
    assert np.array_equal(read.label_distribution, record.label_distribution)


def test_a_folder_of_an_older_version_has_none(tmp_path):
    assert read_dataset_record(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"name": "x", "label_distribution": null, "image_shape": 3}'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "dataset.json").write_text(text)
    with pytest.raises(DamagedFileError, match="dataset.json: cannot be read as facts about a dataset"):
        read_dataset_record(tmp_path)
