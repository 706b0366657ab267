import numpy as np
import tensorflow as tf

from compare_gan2.datasets.sources import record_shards
from compare_gan2.datasets.sources.folder_cache import stored_examples


def test_another_file_begins_when_one_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(record_shards, "SHARD_BYTES", 400)
    writer = record_shards.RecordShards(tmp_path, "train")
    images = [np.full([8, 8, 3], number, np.uint8) for number in range(5)]
    for number, image in enumerate(images):
        writer.write(image, number)
    names = writer.close()
    assert len(names) > 1 and names[0] == "train-00000.tfrecord"
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    read = list(stored_examples([str(tmp_path / name) for name in names]))
    assert [int(index) for index, _ in read] == [int(example["label"]) for _, example in read] == [0, 1, 2, 3, 4]
    for image, (_, example) in zip(images, read, strict=True):
        np.testing.assert_array_equal(tf.io.parse_tensor(example["image"], tf.uint8), image)


def test_without_images_without_files(tmp_path):
    assert record_shards.RecordShards(tmp_path, "test").close() == [] and not list(tmp_path.iterdir())
