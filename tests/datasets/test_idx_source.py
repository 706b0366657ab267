"""Pictures in MNIST's file format."""

import gzip
import struct

import numpy as np
import pytest
from support.bound_dataset import opened as opened_as
from support.idx_bytes import idx

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.open_dataset import known_shape
from compare_gan2.ground.errors import ConfigError, DataError

RANDOM = np.random.RandomState(0)
IMAGES = RANDOM.randint(0, 256, [40, 6, 4]).astype(np.uint8)
TEST = RANDOM.randint(0, 256, [8, 6, 4]).astype(np.uint8)
LABELS = np.arange(40) % 4


def write(folder, beginning="", packed=True, **arrays):
    """Files of {"train_images": array, ...}."""
    for name, array in arrays.items():
        split, kind = name.split("_")
        split = "t10k" if split == "test" and not beginning else split
        path = folder / f"{beginning}{split}-{kind}-idx{array.ndim}-ubyte"
        content = idx(array)
        if packed:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)


def labelled(folder, beginning="", packed=True, **arrays):
    """A whole data set, parts of which are replaced."""
    whole = {"train_images": IMAGES, "train_labels": LABELS, "test_images": TEST, "test_labels": LABELS[:8]} | arrays
    write(
        folder,
        beginning,
        packed,
        **{name: array.astype(np.uint8) if "labels" in name else array for name, array in whole.items()},
    )


def opened(path, *bindings):
    return opened_as("idx", f"idx.path = {str(path)!r}", *bindings)


@pytest.mark.parametrize("packed", [True, False])
def test_images_and_labels_of_both_splits(tmp_path, packed):
    folder = tmp_path / "shapes"
    folder.mkdir()
    labelled(folder, packed=packed)
    dataset = opened(folder, "idx.class_names = ['a', 'b', 'c', 'd']")
    assert (dataset.name, dataset.image_shape, dataset.num_classes) == ("idx:shapes", (6, 4, 1), 4)
    assert (dataset.num_train, dataset.num_test, dataset.class_names) == (40, 8, ("a", "b", "c", "d"))
    images, labels = dataset.test_images(8)
    np.testing.assert_allclose(images[..., 0], TEST / 255, rtol=1e-6)
    np.testing.assert_array_equal(labels, LABELS[:8])
    np.testing.assert_array_equal(dataset.source.training_labels(), LABELS)
    assert dataset.notes[0].endswith("48 images of 6x4 pixels (height x width), uint8")
    assert dataset.notes[1:] == ("images per class: a 12, b 12, c 12, d 12",)
    for example in dataset.training_examples(0).take(5).as_numpy_iterator():
        np.testing.assert_allclose(example["image"][..., 0], IMAGES[example["index"]] / 255, rtol=1e-6)
        assert example["label"] == LABELS[example["index"]]


def test_packed_and_plain_files_are_the_same_data(tmp_path):
    for name, packed in (("a", True), ("b", False)):
        (tmp_path / name).mkdir()
        labelled(tmp_path / name, packed=packed)
    a, b = (opened(tmp_path / name) for name in "ab")
    assert a.fingerprint == b.fingerprint and a.content == b.content
    assert opened(tmp_path / "a", "idx.side = 8").fingerprint != a.fingerprint


def test_black_borders_bring_pictures_to_a_larger_size(tmp_path):
    labelled(tmp_path)
    dataset = opened(tmp_path, "idx.side = 9")
    image = dataset.test_images(1)[0][0, ..., 0]
    assert image.shape == (9, 9)
    np.testing.assert_allclose(image[1:7, 2:6], TEST[0] / 255, rtol=1e-6)
    assert image.sum() == pytest.approx(TEST[0].sum() / 255, rel=1e-5)
    assert dataset.options == {"idx.side": "9", "idx.transposed": "None", "idx.test_fraction": "0.1"}
    with pytest.raises(ConfigError, match=r"idx\.side: expected images of at most 5x5 pixels, got 6x4"):
        opened(tmp_path, "idx.side = 5")


def test_letters_of_emnist_are_turned_and_counted_from_0(tmp_path):
    labelled(tmp_path, "emnist-letters-", train_labels=LABELS + 1, test_labels=LABELS[:8] + 1)
    dataset = opened(tmp_path)
    assert (dataset.name, dataset.image_shape, dataset.num_classes) == ("idx:emnist-letters", (4, 6, 1), 4)
    images, labels = dataset.test_images(8)
    np.testing.assert_allclose(images[..., 0], TEST.transpose(0, 2, 1) / 255, rtol=1e-6)
    np.testing.assert_array_equal(labels, LABELS[:8])
    assert "rows and columns are swapped" in dataset.notes[1] and "labels 1 to 4" in dataset.notes[2]
    assert opened(tmp_path, "idx.transposed = False").image_shape == (6, 4, 1)


def test_one_of_several_sets_is_named_by_its_beginning(tmp_path):
    labelled(tmp_path, "emnist-letters-")
    labelled(tmp_path, "emnist-digits-", train_labels=LABELS // 2, test_labels=LABELS[:8] // 2)
    with pytest.raises(DataError, match=r"the files of 2 data sets, .* beginning .*emnist-digits, .*emnist-letters$"):
        opened(tmp_path)
    assert opened(tmp_path / "emnist-digits").num_classes == 2
    assert opened(tmp_path / "emnist-letters-").num_classes == 4
    with pytest.raises(DataError, match=r"expected IDX files at .*emnist-balanced, .* it has those of 'emnist-digits'"):
        opened(tmp_path / "emnist-balanced")


def test_without_test_files_and_without_labels(tmp_path):
    write(tmp_path, train_images=IMAGES, train_labels=LABELS.astype(np.uint8))
    dataset = opened(tmp_path, "idx.test_fraction = 0.2")
    np.testing.assert_array_equal(np.bincount(dataset.test_images(8)[1]), [2, 2, 2, 2])
    assert dataset.num_train == 32
    (tmp_path / "train-labels-idx1-ubyte.gz").unlink()
    assert opened(tmp_path).num_classes is None
    with pytest.raises(ConfigError, match=r"idx\.class_names: .* got 1 names for files without labels"):
        opened(tmp_path, "idx.class_names = ['a']")


def test_what_is_known_before_files_are_read():
    assert known_shape(parse([], ["idx.path = 'nowhere'"]), "idx") is None
    with pytest.raises(DataError, match=r"idx\.path: there is no folder /nowhere/at/all"):
        opened("/nowhere/at/all")
    with pytest.raises(ConfigError, match=r"idx\.path: no value is given"):
        opened_as("idx")


CUT = r"the file is cut: its header says 40 x 6 x 4 numbers, which are 960 bytes, and 900 follow"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train-images-idx3-ubyte", idx(IMAGES)[:-60], CUT),
        ("train-images-idx3-ubyte", idx(IMAGES)[:9], "the file is cut within its header"),
        ("train-images-idx3-ubyte", b"", "expected an IDX file, .* got an empty file"),
        ("train-images-idx3-ubyte", b"\x89PNG....", "expected an IDX file, .* got the bytes 89 50 4e 47"),
        ("train-images-idx3-ubyte", idx(IMAGES) + b"\0", "which are 960 bytes, and more follow"),
        ("train-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES))[:-30], r"the file is cut: .*end-of-stream"),
        ("train-images-idx3-ubyte.gz", gzip.compress(idx(IMAGES)[:-60]), CUT),
        (
            "train-images-idx3-ubyte",
            struct.pack(">BBBB3I", 0, 0, 8, 3, 2**31, 2**20, 2**20),
            "more than a file of this size may hold",
        ),
        (
            "train-labels-idx1-ubyte",
            idx(np.zeros([39], np.uint8)),
            r"a label for each of the 40 images of .*train-images-idx3-ubyte, got 39 of them in .*train-labels",
        ),
        ("t10k-labels-idx1-ubyte", idx(np.zeros([9], np.uint8)), "each of the 8 images of .*t10k-.*, got 9 of them"),
        ("train-labels-idx2-int", idx(np.zeros([40, 8], np.int32)), "got 40 x 8 of them"),
        ("train-images-idx1-ubyte", idx(np.zeros([40], np.uint8)), r"expected images \[N, H, W, 1 or 3\]"),
        ("t10k-images-idx3-ubyte", idx(TEST[:, :5]), r"expected test images like those of training \(uint8 of \(6, 4"),
    ],
)
def test_files_that_are_damaged_or_do_not_fit(tmp_path, name, content, message):
    labelled(tmp_path, packed=False)
    (old,) = tmp_path.glob(f"{name.split('-idx')[0]}-*")
    old.unlink()
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=f"idx.path: .*{message}") as caught:
        opened(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["train-images", "train-labels", "t10k-images", "t10k-labels"])
def test_a_file_that_is_missing(tmp_path, missing):
    labelled(tmp_path)
    (file,) = tmp_path.glob(f"{missing}*")
    file.unlink()
    with pytest.raises(DataError, match=r"expected training images at .*; got only .*, .*\.gz$"):
        opened(tmp_path)


def test_a_folder_without_such_files(tmp_path):
    (tmp_path / "cat.png").touch()
    with pytest.raises(DataError, match=r"expected IDX files at .*, such as train-images-.*there are none$"):
        opened(tmp_path)


def test_other_numbers_are_read_in_their_byte_order(tmp_path):
    write(tmp_path, train_images=(IMAGES / 255).astype(np.float32), train_labels=LABELS.astype(np.int16))
    dataset = opened(tmp_path)
    assert dataset.notes[0].endswith("float32")
    np.testing.assert_array_equal(np.sort(dataset.source.training_labels()), np.repeat(range(4), 9))
