import dataclasses
import shutil

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from support.bound_dataset import opened
from support.label_records import write_labels

from compare_gan2.datasets import catalog, transforms
from compare_gan2.datasets.sources import tfds_download
from compare_gan2.datasets.sources.record_files import damage_named
from compare_gan2.ground.errors import ConfigError, DamagedFileError, DataError

NUM_TRAIN, NUM_TEST = 70, 12


@pytest.fixture(scope="module")
def cifar10_folder(tmp_path_factory):
    """A tiny set stored under the name and version of CIFAR-10, so that the real loading code reads it."""
    folder = str(tmp_path_factory.mktemp("tfds"))
    rng = np.random.RandomState(0)

    def examples(count):
        images = rng.randint(0, 256, [count, 32, 32, 3]).astype(np.uint8)
        return [(str(i), {"id": f"{i}", "image": image, "label": i % 10}) for i, image in enumerate(images)]

    tfds.dataset_builders.store_as_tfds_dataset(
        name="cifar10",
        version="3.0.2",
        features=tfds.features.FeaturesDict(
            {
                "id": tfds.features.Text(),
                "image": tfds.features.Image(shape=(32, 32, 3)),
                "label": tfds.features.ClassLabel(num_classes=10),
            }
        ),
        split_datasets={"train": examples(NUM_TRAIN), "test": examples(NUM_TEST)},
        data_dir=folder,
    )
    return folder


def stored(folder, split):
    return list(tfds.as_numpy(tfds.load("cifar10", data_dir=folder, download=False, split=split)))


def take(dataset, seed, start, count):
    return list(dataset.training_examples(seed, start).take(count).as_numpy_iterator())


def indices(dataset, seed, start, count):
    return [int(example["index"]) for example in take(dataset, seed, start, count)]


def test_examples_are_those_on_disk(cifar10_folder):
    dataset = opened("cifar10", tfds_data_dir=cifar10_folder)
    on_disk = stored(cifar10_folder, "train")
    assert (dataset.num_train, dataset.num_test, dataset.num_labelled) == (NUM_TRAIN, NUM_TEST, NUM_TRAIN)
    for example in take(dataset, 1, 0, NUM_TRAIN):
        expected = on_disk[example["index"]]
        np.testing.assert_array_equal(example["image"], expected["image"].astype(np.float32) / np.float32(255))
        assert example["label"] == expected["label"] and example["label"].dtype == np.int32
    images, labels = dataset.test_images(NUM_TEST)
    test_on_disk = stored(cifar10_folder, "test")
    np.testing.assert_array_equal(images, np.float32([e["image"] for e in test_on_disk]) / np.float32(255))
    np.testing.assert_array_equal(labels, [e["label"] for e in test_on_disk])


@pytest.mark.parametrize("shuffle_buffer_size", [16, 1000])
def test_every_epoch_is_another_permutation(cifar10_folder, shuffle_buffer_size):
    dataset = opened("cifar10", tfds_data_dir=cifar10_folder, shuffle_buffer_size=shuffle_buffer_size)
    orders = [tuple(indices(dataset, 1, epoch * NUM_TRAIN, NUM_TRAIN)) for epoch in range(3)]
    assert all(sorted(order) == list(range(NUM_TRAIN)) for order in orders)
    assert len(set(orders)) == 3
    assert tuple(indices(dataset, 2, 0, NUM_TRAIN)) not in orders


@pytest.mark.parametrize("start", [1, NUM_TRAIN - 1, NUM_TRAIN, 2 * NUM_TRAIN + 7])
def test_stream_from_a_start_is_the_tail_of_the_whole(cifar10_folder, start):
    dataset = opened("cifar10", tfds_data_dir=cifar10_folder, shuffle_buffer_size=16)
    whole = take(dataset, 3, 0, start + 40)[start:]
    for expected, example in zip(whole, take(dataset, 3, start, 40), strict=True):
        for name in expected:
            np.testing.assert_array_equal(example[name], expected[name])


def test_order_and_global_seed_do_not_touch_each_other(cifar10_folder):
    tf.random.set_seed(3)
    untouched = float(tf.random.uniform([]))
    dataset = opened("cifar10", tfds_data_dir=cifar10_folder)
    orders = []
    for global_seed in (4, 3):
        tf.random.set_seed(global_seed)
        orders.append(indices(dataset, 1, 0, 20))
    assert orders[0] == orders[1]
    assert float(tf.random.uniform([])) == untouched


def test_label_fraction_and_only_labelled(cifar10_folder):
    dataset = opened("cifar10", "labels.fraction = 0.3", tfds_data_dir=cifar10_folder)
    on_disk = stored(cifar10_folder, "train")
    examples = take(dataset, 1, 0, NUM_TRAIN)
    kept = {int(e["index"]): int(e["label"]) for e in examples if e["label"] >= 0}
    assert dataset.num_labelled == len(kept) == 20  # 2.1 of 7 in each of ten classes
    assert all(on_disk[index]["label"] == label for index, label in kept.items())

    bindings = ["labels.fraction = 0.3", "labels.only_labelled = True"]
    dataset = opened("cifar10", *bindings, tfds_data_dir=cifar10_folder)
    assert dataset.num_train == 20
    assert sorted(indices(dataset, 1, 20, 20)) == sorted(kept)
    assert indices(dataset, 1, 0, 50)[33:] == indices(dataset, 1, 33, 17)


def test_missing_imagenet_says_what_to_download_and_where_to_put_it(tmp_path):
    with pytest.raises(DataError) as caught:
        opened("imagenet_128", tfds_data_dir=str(tmp_path))
    for part in (
        "imagenet_128",
        "ILSVRC2012_img_train.tar",
        "ILSVRC2012_img_val.tar",
        f"{tmp_path}/downloads/manual",
        f"tfds build imagenet2012 --data_dir={tmp_path}",
        "--tfds_data_dir",
        "gin_configs/s3gan.gin",
    ):
        assert part in str(caught.value)


def test_failed_download_says_how_to_get_the_data(tmp_path, monkeypatch):
    def no_network(self):
        raise ConnectionError("no route to host")

    monkeypatch.setattr(tfds_download, "require_answer", lambda urls: None)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "download_and_prepare", no_network)
    with pytest.raises(DataError) as caught:
        opened("mnist", tfds_data_dir=str(tmp_path))
    for part in ("mnist", "no route to host", f"tfds build mnist --data_dir={tmp_path}", "gin_configs/s3gan.gin"):
        assert part in str(caught.value)


@pytest.fixture
def mock_imagenet(monkeypatch):
    monkeypatch.setattr(tfds.core.DatasetBuilder, "is_prepared", lambda self: True)  # The mock leaves this out.
    with tfds.testing.mock_data(num_examples=8):
        yield


@pytest.mark.parametrize("method", ["distorted", "random", "middle", "none"])
def test_imagenet_crops(mock_imagenet, method):
    dataset = opened("imagenet_64", f"train_imagenet_transform.crop_method = '{method}'")
    assert dataset.num_classes == 1000
    whole = take(dataset, 1, 0, 16)
    tail = take(dataset, 1, 5, 11)
    assert sorted(e["index"] for e in whole[:8]) == sorted(e["index"] for e in whole[8:]) == list(range(8))
    for example, expected in zip(tail, whole[5:], strict=True):
        np.testing.assert_array_equal(example["image"], expected["image"])
    image_by_epoch = [{int(e["index"]): e["image"] for e in epoch} for epoch in (whole[:8], whole[8:])]
    unchanged = [np.array_equal(image_by_epoch[0][i], image_by_epoch[1][i]) for i in range(8)]
    assert all(
        image.shape == (64, 64, 3) and 0 <= image.min() <= image.max() <= 1 for image in image_by_epoch[0].values()
    )
    assert all(unchanged) == (method in ("middle", "none"))


def test_imagenet_test_images_are_cropped_in_the_middle(mock_imagenet):
    images, labels = opened("imagenet_64").test_images(8)
    again, _ = opened("imagenet_64").test_images(8)
    assert images.shape == (8, 64, 64, 3) and labels.dtype == np.int32
    np.testing.assert_array_equal(images, again)


def stored_images(name, split):
    encoded = tfds.load(name, split=split, decoders={"image": tfds.decode.SkipDecoding()})
    return [tf.io.decode_image(example["image"]).numpy() for example in encoded]


def test_faces_are_cut_and_resized_and_have_no_labels(mock_imagenet):
    dataset = opened("celeb_a")
    assert dataset.num_classes is None and dataset.num_labelled == 0
    for example in take(dataset, 1, 0, 8):
        image = stored_images("celeb_a", "train")[example["index"]]
        expected = transforms.resize(image[29:189, 9:169] / np.float32(255), 64, 64)
        np.testing.assert_allclose(example["image"], expected, atol=1e-6)
        assert example["label"] == 0


def test_bedrooms_keep_their_size(mock_imagenet):
    dataset = opened("lsun-bedroom")
    images = stored_images("lsun/bedroom", "train[:99%]")
    for example in take(dataset, 1, 0, 4):
        expected = transforms.middle(images[example["index"]] / np.float32(255), 128)
        np.testing.assert_allclose(example["image"], expected, atol=1e-6)


def test_high_quality_faces(mock_imagenet):
    dataset = opened("celeb_a_hq_128")
    assert next(iter(take(dataset, 1, 0, 1)))["image"].shape == (128, 128, 3)
    assert dataset.test_images(2)[0].shape == (2, 128, 128, 3)


def test_small_images_are_left_out(mock_imagenet, monkeypatch):
    sides = np.array([min(image.shape[:2]) for image in stored_images("imagenet2012", "train")])
    limit = int(np.median(sides))
    monkeypatch.setitem(catalog.DATASETS, "large", dataclasses.replace(catalog.DATASETS["imagenet_64"], min_side=limit))
    dataset = opened("large")
    assert 0 < dataset.num_train < 8
    wanted = list(np.flatnonzero(sides >= limit))
    assert sorted(indices(dataset, 1, 0, dataset.num_train)) == wanted
    labelled = opened("large", "labels.only_labelled = True")
    assert sorted(indices(labelled, 1, 0, dataset.num_train)) == wanted


def test_one_class_and_random_classes(mock_imagenet):
    single = opened("single_class_imagenet_128")
    assert single.num_classes == 1 and {int(e["label"]) for e in take(single, 1, 0, 8)} == {0}
    assert not np.any(single.test_images(4)[1])
    drawn = [
        {int(e["index"]): int(e["label"]) for e in take(dataset, 1, start, 8)}
        for dataset, start in (
            (opened("random_class_imagenet_128"), 0),
            (opened("random_class_imagenet_128"), 8),
        )
    ]
    assert drawn[0] == drawn[1] and len(set(drawn[0].values())) > 4
    other = opened("random_class_imagenet_128", "labels.seed = 1")
    assert {int(e["index"]): int(e["label"]) for e in take(other, 1, 0, 8)} != drawn[0]


def test_labels_from_files_by_name(mock_imagenet, tmp_path):
    names = [e["file_name"].decode() for e in tfds.as_numpy(tfds.load("imagenet2012", split="train"))]
    hidden = {name: (number if number % 2 else -1) for number, name in enumerate(names)}
    write_labels(tmp_path / "train-0", list(hidden.items())[:3])
    write_labels(tmp_path / "train-1", list(hidden.items())[:2:-1])  # in any order
    binding = f"replace_labels.file_pattern = '{tmp_path}/{{split}}-*'"
    dataset = opened("labeled_only_imagenet_128", binding)
    assert dataset.num_train == 4
    assert {int(e["index"]): int(e["label"]) for e in take(dataset, 1, 0, 4)} == {1: 1, 3: 3, 5: 5, 7: 7}
    assert opened("imagenet_64", binding).num_labelled == 4


def test_soft_labels_are_the_softmax_of_logits(mock_imagenet, tmp_path):
    names = [e["file_name"].decode() for e in tfds.as_numpy(tfds.load("imagenet2012", split="train"))]
    logits = np.random.RandomState(0).standard_normal([8, 1000]).astype(np.float32)
    write_labels(tmp_path / "train", zip(names, logits, strict=True))
    with pytest.raises(ConfigError, match="replace_labels.file_pattern: soft labels come from files"):
        opened("soft_labeled_imagenet_128")
    dataset = opened("soft_labeled_imagenet_128", f"replace_labels.file_pattern = '{tmp_path}/train'")
    expected = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    for example in take(dataset, 1, 0, 8):
        np.testing.assert_allclose(example["label"], expected[example["index"]], rtol=1e-4)


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_damaged_record_is_named_with_the_way_out(cifar10_folder, tmp_path, split):
    folder = shutil.copytree(cifar10_folder, tmp_path / "tfds")
    (path,) = folder.rglob(f"*-{split}.tfrecord*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    dataset = opened("cifar10", tfds_data_dir=str(folder))
    with pytest.raises(DamagedFileError, match=rf"{path}: damaged \(.*\); delete the folder .* `tfds build cifar10"):
        if split == "test":
            dataset.test_images(NUM_TEST)
        else:
            with damage_named(dataset.source):
                take(dataset, 1, 0, NUM_TRAIN)
    assert path.exists()
