import re

import numpy as np
import pytest
from support.bound_dataset import opened as opened_as

from compare_gan2.evaluation import sources
from compare_gan2.ground.errors import ConfigError, DataError

IMAGES = np.random.RandomState(0).randint(0, 256, [40, 4, 4, 3]).astype(np.uint8)
LABELS = np.repeat([0, 1], [30, 10])


def opened(tmp_path, *bindings, **arrays):
    np.savez(tmp_path / "set.npz", **arrays)
    return opened_as("arrays", f"arrays.path = '{tmp_path / 'set.npz'}'", *bindings)


def training(dataset):
    return list(dataset.training_examples(0).take(dataset.num_train).as_numpy_iterator())


def test_held_out_share_of_each_class(tmp_path):
    dataset = opened(tmp_path, images=IMAGES, labels=LABELS)
    assert (dataset.name, dataset.image_shape, dataset.num_classes) == ("arrays:set", (4, 4, 3), 2)
    images, labels = dataset.test_images(4)
    np.testing.assert_array_equal(np.bincount(labels), [3, 1])
    seen = [example["image"] for example in training(dataset)] + list(images)
    order = sorted(seen, key=lambda image: image.tolist())
    expected = sorted(IMAGES / np.float32(255), key=lambda image: image.tolist())
    np.testing.assert_allclose(order, expected, rtol=1e-6)  # each image is in one of the two
    np.testing.assert_allclose(dataset.label_distribution, [0.75, 0.25])


def test_test_images_of_its_own_and_names(tmp_path):
    test = IMAGES[:6] / np.float32(255)
    dataset = opened(
        tmp_path,
        images=IMAGES / np.float32(255),
        labels=LABELS,
        test_images=test,
        test_labels=np.full([6], 2),
        class_names=["a", "b", "c"],
    )
    assert (dataset.num_train, dataset.num_test, dataset.num_classes) == (40, 6, 3)
    assert dataset.class_names == ("a", "b", "c")
    assert dataset.notes[0].endswith("46 images of 4x4 pixels, float32")
    assert dataset.notes[1:] == ("images per class: a 30, b 10, c 6",)
    np.testing.assert_array_equal(dataset.test_images(6)[0], test)


def test_partly_and_not_labelled(tmp_path):
    dataset = opened(tmp_path, images=IMAGES, labels=np.where(np.arange(40) % 4 == 0, LABELS, -1))
    assert (dataset.num_classes, dataset.num_train, dataset.num_labelled, dataset.num_test) == (2, 39, 9, 1)
    assert sum(example["label"] >= 0 for example in training(dataset)) == 9
    assert dataset.notes[-1] == "images without a label: 30"
    dataset = opened(tmp_path, images=IMAGES[..., 0])
    assert dataset.num_classes is None and dataset.image_shape == (4, 4, 1)
    assert all(example["label"] == 0 for example in training(dataset))


def test_fingerprint_follows_the_content(tmp_path):
    first, again, other = (opened(tmp_path, images=images).fingerprint for images in (IMAGES, IMAGES, IMAGES[1:]))
    assert first == again != other


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": IMAGES}, r"arrays\.path: expected an array 'images' in .*, got pictures"),
        ({"images": IMAGES * 1.0}, r"set\.npz: expected floats in \[0, 1\]"),
        ({"images": IMAGES, "labels": LABELS[1:]}, r"labels: expected 40 integer labels from -1"),
        ({"images": IMAGES, "labels": np.full([40], -1)}, r"expected a label from 0 for some image"),
        ({"images": IMAGES, "labels": LABELS, "test_images": IMAGES}, r"expected a test label for each test image"),
        (
            {"images": IMAGES, "test_images": IMAGES[:, :2]},
            r"expected test_images like images \(uint8 of \(4,",
        ),
        ({"images": IMAGES, "labels": LABELS, "class_names": ["a"]}, r"expected 2 class_names, got 1"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message):
        opened(tmp_path, **arrays)


def test_files_and_shares_that_cannot_be(tmp_path):
    (tmp_path / "no.npz").write_text("no arrays")
    for path in ("no.npz", "gone.npz"):
        with pytest.raises(DataError, match=rf"arrays\.path: .*{path} cannot be read as an \.npz file"):
            opened_as("arrays", f"arrays.path = '{tmp_path / path}'")
    np.save(tmp_path / "one.npy", IMAGES)
    message = r"arrays\.path: .*one\.npy cannot be read as an \.npz file of arrays: it holds one array"
    with pytest.raises(DataError, match=message):
        opened_as("arrays", f"arrays.path = '{tmp_path}/one.npy'")
    with pytest.raises(ConfigError, match=r"arrays\.test_fraction: expected a number above 0 and below 1, got 0"):
        opened(tmp_path, "arrays.test_fraction = 0.0", images=IMAGES)
    with pytest.raises(ConfigError, match=r"arrays\.path: no value is given"):
        opened_as("arrays")
    with pytest.raises(ConfigError, match=r"--data_fake_dataset: the shape of arrays"):
        opened_as("arrays", fake=True)


@pytest.mark.parametrize(
    ("labels", "names", "how"),
    [
        (LABELS[:, None], None, r"int64 \[40, 1\] are read as \[40\]"),
        (np.eye(2)[LABELS], None, r"float64 \[40, 2\] are read as one-hot rows of 2 classes"),
        (LABELS * 1.0, None, r"float64 \[40\] are read as whole numbers"),
        (LABELS + 1, ["ant", "cow"], "read as classes counted from 1 to 2"),
        (LABELS + 1, [b"ant", b"cow"], "read as classes counted from 1 to 2"),
    ],
)
def test_labels_in_other_forms_are_read_and_reported(tmp_path, caplog, labels, names, how):
    with caplog.at_level("INFO", logger="compare_gan2"):
        named = {} if names is None else {"class_names": np.array(names)}
        dataset = opened(tmp_path, images=IMAGES, labels=labels, **named)
    expected = opened(tmp_path, images=IMAGES, labels=LABELS)
    np.testing.assert_array_equal(dataset.source.training_labels(), expected.source.training_labels())
    assert dataset.num_classes == 2 and re.search(how, caplog.text)
    assert dataset.class_names == (None if names is None else ("ant", "cow"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"labels": np.where(LABELS, 1_000_000, 0)},
            "labels up to 1000000 would make 1000001 classes, of which 2",
        ),
        ({"labels": np.arange(40) % 3 + 1}, r"labels are 1 to 3 and none is 0, .* store labels - 1, or 3 class_names"),
        ({"labels": LABELS + 0.5}, "expected 40 integer labels from -1, got float64"),
        ({"images": np.where(np.arange(40)[:, None, None, None] == 7, np.nan, IMAGES / 255)}, "image 7 with NaN"),
        ({"images": np.where(np.arange(40)[:, None, None, None] == 7, np.inf, IMAGES / 255)}, "image 7 with infinity"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message):
        opened(tmp_path, **{"images": IMAGES} | arrays)


def test_unlabelled_images_are_known_to_be_there(tmp_path):
    labels = np.where(np.arange(40) % 4 == 0, -1, np.arange(40) % 2)
    dataset = opened(tmp_path, images=IMAGES, labels=labels)
    assert dataset.unlabelled == ("train",)
    train, test = (sources.of_dataset(dataset, split) for split in ("train", "test"))
    assert not train.has_labels and test.num_classes == 2
