import numpy as np
import pytest

from compare_gan2.datasets.image_dataset import ImageDataset
from compare_gan2.datasets.sources.in_memory import InMemorySource
from compare_gan2.ground.errors import ConfigError

N = 150  # More than two reads of 64, and no multiple of them.


def make_dataset(dtype=np.uint8, **options):
    rng = np.random.RandomState(0)
    images = rng.randint(0, 256, [N, 4, 4, 3]).astype(np.uint8)
    if dtype == np.float32:
        images = rng.random_sample([N, 4, 4, 3]).astype(np.float32)
    labels = np.arange(N) % 10
    source = InMemorySource((images, labels), (images[:20], labels[:20]))
    return ImageDataset("ten", (4, 4, 3), 10, source, **options), images, labels


def take(dataset, seed, start, count):
    return list(dataset.training_examples(seed, start).take(count).as_numpy_iterator())


def indices(dataset, seed, start, count):
    return [int(example["index"]) for example in take(dataset, seed, start, count)]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_examples_are_the_images_of_their_index(dtype):
    dataset, images, labels = make_dataset(dtype)
    scale = 255.0 if dtype == np.uint8 else 1.0
    for example in take(dataset, 1, 0, N):
        assert example["image"].dtype == np.float32 and example["label"].dtype == np.int32
        np.testing.assert_array_equal(example["image"], images[example["index"]].astype(np.float32) / np.float32(scale))
        assert example["label"] == labels[example["index"]]


def test_every_epoch_is_another_permutation():
    dataset, _, _ = make_dataset()
    orders = [tuple(indices(dataset, 1, epoch * N, N)) for epoch in range(4)]
    assert all(sorted(order) == list(range(N)) for order in orders)
    places_in_common = [np.mean(np.equal(a, b)) for i, a in enumerate(orders) for b in orders[:i]]
    assert max(places_in_common) < 0.06  # One in N is what chance gives.


def test_seed_changes_the_order():
    dataset, _, _ = make_dataset()
    assert indices(dataset, 1, 0, N) == indices(dataset, 1, 0, N) != indices(dataset, 2, 0, N)


@pytest.mark.parametrize("start", [1, 63, 64, N - 1, N, 2 * N + 7])
def test_stream_from_a_start_is_the_tail_of_the_whole(start):
    dataset, _, _ = make_dataset()
    whole = take(dataset, 3, 0, start + 70)[start:]
    for expected, example in zip(whole, take(dataset, 3, start, 70), strict=True):
        for name in expected:
            np.testing.assert_array_equal(example[name], expected[name])


def test_only_labelled_images_are_read_once_per_epoch():
    labels = np.where(np.arange(N) % 3 == 0, 4, -1)
    dataset, _, _ = make_dataset(labels=labels, train_mask=labels >= 0)
    assert dataset.num_train == 50
    assert sorted(indices(dataset, 1, 50, 50)) == list(range(0, N, 3))
    assert {int(example["label"]) for example in take(dataset, 1, 0, 50)} == {4}


def test_soft_labels_go_with_their_image():
    labels = np.random.RandomState(0).random_sample([N, 10]).astype(np.float32)
    dataset, _, _ = make_dataset(labels=labels)
    assert dataset.has_soft_labels and dataset.num_labelled == N
    for example in take(dataset, 1, 0, 70):
        np.testing.assert_array_equal(example["label"], labels[example["index"]])


def test_hidden_labels_are_minus_one():
    labels = np.where(np.arange(N) < 30, 7, -1)
    dataset, _, _ = make_dataset(labels=labels)
    assert all(example["label"] == labels[example["index"]] for example in take(dataset, 1, 0, N))
    assert dataset.description == (
        "ten: 150 training images of 4x4x3, 30 of them with their label (10 classes); 20 test images"
    )


def test_test_images_come_in_order_and_too_many_are_refused():
    dataset, images, labels = make_dataset()
    test_images, test_labels = dataset.test_images(20)
    np.testing.assert_array_equal(test_images, images[:20].astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(test_labels, labels[:20])
    with pytest.raises(ConfigError, match="dataset ten: 21 test images are asked for, the test split has 20"):
        dataset.test_images(21)
