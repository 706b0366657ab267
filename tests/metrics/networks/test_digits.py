import random
import re

import keras
import numpy as np
import pytest

from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.metrics.classification.conditional_accuracy import conditional_accuracy
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.networks import digits
from compare_gan2.metrics.networks.feature_networks import feature_network


@pytest.fixture(scope="module")
def test_digits():
    _, _, images, labels = mnist_5k.load()
    return images, labels


def test_stated_accuracy_is_reached(test_digits):
    stated = float(re.search(r"(\d+\.\d+) %", digits.__doc__).group(1)) / 100
    assert stated >= 0.975
    assert digits.accuracy(digits.load(), *test_digits) == pytest.approx(stated, abs=0.0011)  # one image may flip


def test_accuracy_through_the_feature_network(test_digits):
    images, labels = test_digits
    _, logits = feature_network("digits").features_and_logits(images / np.float32(255))
    assert conditional_accuracy(logits, labels) == pytest.approx(digits.accuracy(digits.load(), images, labels))


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


def test_weights_are_small_and_float32():
    assert digits.SHIPPED_WEIGHTS.stat().st_size < 500_000
    assert {array.dtype for array in digits.read_weights(digits.SHIPPED_WEIGHTS).values()} == {np.dtype(np.float32)}


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
    weights = digits.read_weights(digits.SHIPPED_WEIGHTS)
    weights["logits/bias"] = np.zeros(11, np.float32)
    np.savez(tmp_path / "other.npz", **weights)
    with pytest.raises(ValueError, match=r"other\.npz: expected the digit classifier's weights .*\(11,\)"):
        digits.load(tmp_path / "other.npz")


def test_loading_neither_draws_from_the_process_nor_follows_it():
    keras.utils.set_random_seed(1)
    expected, initial = random.random(), digits.weights(digits.digit_classifier())
    keras.utils.set_random_seed(1)
    feature_network("digits")
    assert random.random() == expected
    for path, value in digits.weights(digits.digit_classifier()).items():
        np.testing.assert_array_equal(value, initial[path], err_msg=path)
