import random
import re

import keras
import numpy as np
import pytest

from compare_gan2.datasets.sources import fashion_mnist, mnist_5k
from compare_gan2.ground.checksums import checksum_of_file
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks import small_classifier
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.networks.shipped import SHIPPED

DIGITS = SHIPPED["digits"].path
NEEDS_CLOTHES = pytest.mark.skipif(not fashion_mnist.is_installed(), reason=fashion_mnist.INSTALL)


def stated(name):
    """Accuracy of a network in the text of the module."""
    return float(re.search(rf'"{name}" (\d+\.\d+) %', small_classifier.__doc__).group(1)) / 100


@pytest.fixture(scope="module")
def test_digits():
    _, _, images, labels = mnist_5k.load()
    return images, labels


def test_stated_accuracy_is_reached(test_digits):
    reached = small_classifier.accuracy(small_classifier.load(DIGITS), *test_digits)
    assert stated("digits") >= 0.975
    assert reached == pytest.approx(stated("digits"), abs=0.0011)  # one image may flip


@NEEDS_CLOTHES
def test_stated_accuracy_on_clothes_is_reached():
    _, _, images, labels = fashion_mnist.load()
    reached = small_classifier.accuracy(small_classifier.load(SHIPPED["fashion"].path), images, labels)
    assert stated("fashion") >= 0.92
    assert reached == pytest.approx(stated("fashion"), abs=0.0003)


@NEEDS_CLOTHES
def test_no_feature_of_clothes_is_dead():
    images = fashion_mnist.load()[2][:1000] / np.float32(255)
    features, _ = feature_network("fashion").features_and_logits(images)
    assert features.shape == (1000, 64) and features.std(axis=0).min() > 0.1


def test_accuracy_through_the_feature_network(test_digits):
    images, labels = test_digits
    _, logits = feature_network("digits").features_and_logits(images / np.float32(255))
    expected = small_classifier.accuracy(small_classifier.load(DIGITS), images, labels)
    assert conditional_accuracy(logits, labels) == pytest.approx(expected)


@pytest.mark.parametrize(("name", "dataset"), [("digits", "mnist_5k"), ("fashion", "fashion_mnist")])
def test_each_network_knows_its_dataset(name, dataset):
    network = feature_network(name)
    assert (network.name, network.classifies, network.image_shape) == (name, dataset, (32, 32, 1))
    assert network.checksum == checksum_of_file(SHIPPED[name].path)


def test_no_feature_is_dead(test_digits):
    features, _ = feature_network("digits").features_and_logits(test_digits[0] / np.float32(255))
    assert features.shape == (1000, 64)
    assert features.std(axis=0).min() > 0.1


def test_fid_ranks_samples_as_a_person_would(test_digits):
    real_images = test_digits[0] / np.float32(255)
    train_images, train_labels, _, _ = mnist_5k.load()
    positions = [np.flatnonzero(train_labels == label) for label in range(10)]
    network = feature_network("digits")
    real_features, _ = network.features_and_logits(real_images)

    def distance(images):
        return fid(real_features, network.features_and_logits(np.asarray(images, np.float32))[0])

    def per_class(count):
        return train_images[np.tile(np.concatenate([p[:count] for p in positions]), 100 // count)] / 255.0

    everything, ten_each, one_each = distance(per_class(100)), distance(per_class(10)), distance(per_class(1))
    grey = distance(np.random.RandomState(0).uniform(0.45, 0.55, real_images.shape))
    assert everything < 0.3
    assert 3 * everything < ten_each
    assert 3 * ten_each < one_each
    assert 3 * one_each < grey


@pytest.mark.parametrize("name", SHIPPED)
def test_weights_are_small_and_float32(name):
    path = SHIPPED[name].path
    assert path.stat().st_size < 500_000
    assert {array.dtype for array in small_classifier.read_weights(path).values()} == {np.dtype(np.float32)}


def test_global_policy_does_not_change_the_classifier(test_digits):
    images = test_digits[0][:8] / np.float32(255)
    expected = feature_network("digits").features_and_logits(images)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = feature_network("digits").features_and_logits(images)
    finally:
        keras.config.set_dtype_policy(before)
    for array, same in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, same)


def test_other_weights_are_refused(tmp_path):
    weights = small_classifier.read_weights(DIGITS)
    weights["logits/bias"] = np.zeros(11, np.float32)
    np.savez(tmp_path / "other.npz", **weights)
    with pytest.raises(ValueError, match=r"other\.npz: expected the small classifier's weights .*\(11,\)"):
        small_classifier.load(tmp_path / "other.npz")


def test_loading_neither_draws_from_the_process_nor_follows_it():
    keras.utils.set_random_seed(1)
    expected, initial = random.random(), small_classifier.weights(small_classifier.small_classifier())
    keras.utils.set_random_seed(1)
    feature_network("digits")
    assert random.random() == expected
    for path, value in small_classifier.weights(small_classifier.small_classifier()).items():
        np.testing.assert_array_equal(value, initial[path], err_msg=path)
