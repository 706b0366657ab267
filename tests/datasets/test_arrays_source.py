import numpy as np
import pytest
from support.bound_dataset import opened as opened_as

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
    assert dataset.notes[0].endswith("46 images of 4x4 pixels (width x height), float32")
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
