import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from support.bound_dataset import opened as opened_as

from compare_gan2.ground.errors import ConfigError


def store(folder, name, features, splits):
    tfds.dataset_builders.store_as_tfds_dataset(
        name=name,
        version="1.0.0",
        features=tfds.features.FeaturesDict(features),
        split_datasets={
            split: [(str(i), example) for i, example in enumerate(examples)] for split, examples in splits.items()
        },
        data_dir=str(folder),
    )


def flowers(count, seed, side=None):
    rng = np.random.RandomState(seed)
    return [
        {
            "image": rng.randint(0, 256, [side or 20 + i, side or 24, 3]).astype(np.uint8),
            "label": i % 3,
            "file_name": f"{i}.jpg",
        }
        for i in range(count)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tfds")
    names = tfds.features.ClassLabel(names=["rose", "tulip", "daisy"])
    several = {"image": tfds.features.Image(shape=(None, None, 3)), "label": names, "file_name": tfds.features.Text()}
    one_size = {**several, "image": tfds.features.Image(shape=(16, 16, 3))}
    store(folder, "tiny_flowers", several, {"train": flowers(12, 0), "validation": flowers(5, 1)})
    store(folder, "tiny_tiles", one_size, {"train": flowers(12, 0, 16), "test": flowers(5, 1, 16)})
    store(folder, "tiny_no_test", one_size, {"train": flowers(12, 0, 16)})
    faces = [{"photo": example["image"]} for example in flowers(6, 2, 16)]
    photo = {"photo": tfds.features.Image(shape=(16, 16, 3))}
    store(folder, "tiny_faces", photo, {"train": faces, "test": faces[:3]})
    store(folder, "tiny_numbers", {"number": tfds.features.Scalar(np.int32)}, {"train": [{"number": 1}]})
    return folder


def opened(folder, name, *bindings):
    return opened_as(name, *bindings, tfds_data_dir=str(folder))


def test_facts_come_from_tfds(folder):
    dataset = opened(folder, "tfds:tiny_flowers", "tfds.resolution = 8")
    assert (dataset.image_shape, dataset.num_classes) == ((8, 8, 3), 3)
    assert dataset.class_names == ("rose", "tulip", "daisy")
    assert (dataset.num_train, dataset.num_test) == (12, 5)
    examples = list(dataset.training_examples(0).take(12).as_numpy_iterator())
    names = dataset.source.training_names()
    assert sorted(names) == sorted(f"{number}.jpg" for number in range(12))
    assert all(example["label"] == int(names[example["index"]].removesuffix(".jpg")) % 3 for example in examples)
    assert opened(folder, "tfds:tiny_flowers", "tfds.resolution = 8", "labels.per_class = 2").num_labelled == 6


def test_middle_crop_and_antialiased_resize(folder):
    dataset = opened(folder, "tfds:tiny_flowers", "tfds.resolution = 8")
    stored = next(iter(tfds.as_numpy(tfds.load("tiny_flowers", data_dir=str(folder), split="validation"))))["image"]
    height, width = stored.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = stored[top : top + side, left : left + side]
    expected = np.asarray(Image.fromarray(square).resize((8, 8), Image.Resampling.LANCZOS)) / 255
    np.testing.assert_allclose(dataset.test_images(1)[0][0], expected, atol=2 / 255)


def test_images_of_one_size_need_no_resolution(folder):
    dataset = opened(folder, "tfds:tiny_tiles")
    stored = [e["image"] for e in tfds.as_numpy(tfds.load("tiny_tiles", data_dir=str(folder), split="test"))]
    assert dataset.image_shape == (16, 16, 3)
    np.testing.assert_array_equal(dataset.test_images(5)[0], np.float32(stored) / np.float32(255))


def test_a_dataset_without_labels_and_with_another_feature(folder):
    dataset = opened(folder, "tfds:tiny_faces")
    assert dataset.num_classes is None and dataset.class_names is None and dataset.image_shape == (16, 16, 3)


def test_splits_can_be_cut(folder):
    bindings = ["tfds.train_split = 'train[:75%]'", "tfds.test_split = 'train[75%:]'"]
    dataset = opened(folder, "tfds:tiny_no_test", *bindings)
    assert (dataset.num_train, dataset.num_test) == (9, 3)


@pytest.mark.parametrize(
    ("name", "bindings", "message"),
    [
        ("tfds:tiny_flowers", [], r"tfds\.resolution: images of tfds:tiny_flowers are of several sizes"),
        ("tfds:tiny_no_test", [], r"tfds\.test_split: tfds:tiny_no_test has neither test nor validation among train"),
        ("tfds:tiny_tiles", ["tfds.train_split = 'extra'"], r"tfds\.train_split: .* \(train, test\), got 'extra'"),
        ("tfds:tiny_numbers", [], r"dataset\.name: expected a dataset with one feature of 8-bit images, .* has number"),
        ("tfds:no_such_flowers", [], r"dataset\.name: TensorFlow Datasets has no 'no_such_flowers'"),
        ("tfds:", [], r"dataset\.name: expected one of .*tfds:NAME, got 'tfds:'"),
        (
            "tfds:tiny_tiles",
            ["tfds.resolution = 0"],
            r"tfds\.resolution: expected a whole number from 1 to 16384 or None, got 0",
        ),
    ],
)
def test_what_cannot_be_read(folder, name, bindings, message):
    with pytest.raises(ConfigError, match=message):
        opened(folder, name, *bindings)
