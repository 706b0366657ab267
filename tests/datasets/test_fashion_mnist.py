"""Fashion-MNIST from the files of its package, else through TFDS."""

import gzip

import numpy as np
import pytest
from support.bound_dataset import opened
from support.idx_bytes import idx

from compare_gan2.datasets.sources import fashion_mnist, tfds_download
from compare_gan2.ground.errors import DataError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder as that of the package, of few pictures."""
    monkeypatch.setattr(fashion_mnist, "FOLDER", tmp_path / "fashion-mnist")
    fashion_mnist.load.cache_clear()
    yield fashion_mnist.FOLDER
    fashion_mnist.load.cache_clear()


def fill(folder, monkeypatch, train=50, test=20, **other):
    folder.mkdir()
    sizes = {"train": train, "t10k": test}
    for split, count in sizes.items():
        images = np.arange(count * 28 * 28).reshape(count, 28, 28).astype(np.uint8)
        labels = other.get("labels", np.arange(count) % 10).astype(np.uint8)
        (folder / f"{split}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images)))
        (folder / f"{split}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    monkeypatch.setattr(fashion_mnist, "COUNTS", {"train": 50, "t10k": 20})


def test_pictures_of_the_package_get_a_black_border(folder, monkeypatch):
    fill(folder, monkeypatch)
    dataset = opened("fashion_mnist", "labels.per_class = 1")
    assert (dataset.image_shape, dataset.num_classes, dataset.class_names[9]) == ((32, 32, 1), 10, "ankle boot")
    assert (dataset.num_train, dataset.num_labelled, dataset.num_test) == (50, 10, 20)
    images, labels = dataset.test_images(20)
    stored = np.arange(20 * 28 * 28).reshape(20, 28, 28) % 256
    np.testing.assert_allclose(images[:, 2:-2, 2:-2, 0], stored / 255, rtol=1e-6)
    assert images.sum() == pytest.approx(stored.sum() / 255, rel=1e-5)
    np.testing.assert_array_equal(labels, np.arange(20) % 10)


@pytest.mark.parametrize("made", [{"train": 49}, {"test": 19}, {"labels": np.zeros([50])}])
def test_other_files_in_its_folder(folder, monkeypatch, made):
    fill(folder, monkeypatch, **made)
    with pytest.raises(DataError, match=r"dataset fashion_mnist: expected \d0 pictures of 28x28 .* apt install"):
        opened("fashion_mnist")


def test_a_file_that_is_cut_or_missing(folder, monkeypatch):
    fill(folder, monkeypatch)
    path = folder / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=r"dataset fashion_mnist: .*t10k-images-idx3-ubyte.gz: the file is cut"):
        opened("fashion_mnist")
    path.unlink()
    with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte.gz: .*No such file"):
        opened("fashion_mnist")


def test_without_the_package_and_without_network_one_message_names_it(folder, tmp_path, monkeypatch):
    def unreachable(builder):
        raise ConnectionError("no answer")

    monkeypatch.setattr(tfds_download, "download", unreachable)
    with pytest.raises(DataError, match=r"no answer.*`apt install dataset-fashion-mnist`") as caught:
        opened("fashion_mnist", tfds_data_dir=str(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not fashion_mnist.is_installed(), reason=fashion_mnist.INSTALL)
def test_the_pictures_of_the_package():
    train_images, train_labels, test_images, test_labels = fashion_mnist.load()
    assert (train_images.shape, test_images.shape) == ((60_000, 32, 32, 1), (10_000, 32, 32, 1))
    assert np.bincount(train_labels).tolist() == [6000] * 10 and np.bincount(test_labels).tolist() == [1000] * 10
    assert train_images.mean() * (32 / 28) ** 2 / 255 == pytest.approx(0.2860, abs=5e-5)  # as published
