"""From streams of images to features: equal to the network itself, on one replica and on two, and every bad image."""

import threading

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.metrics.extraction import extract
from compare_gan2.metrics.networks.feature_networks import feature_network


@pytest.fixture(scope="module")
def network():
    return feature_network("digits")


def images(count, seed=0):
    return np.random.RandomState(seed).uniform(size=(count, 32, 32, 1)).astype(np.float32)


def batches(array, size=64, labels=None):
    for start in range(0, len(array), size):
        part = slice(start, start + size)
        yield array[part], None if labels is None else labels[part]


def test_equals_the_network_to_the_last_bit(network):
    given, done = images(150), []
    found = extract(batches(given), 150, network, what="fakes", on_batch=done.append)
    features, logits = network.features_and_logits(given)
    np.testing.assert_array_equal(found.features, features)
    np.testing.assert_array_equal(found.logits, logits)
    assert (found.count, found.images, found.labels, done) == (150, None, None, [64, 128, 150])


def test_keeps_images_and_labels_if_asked_to(network):
    given, labels = images(70), np.arange(70)
    found = extract(batches(given, labels=labels), 70, None, what="fakes", keep_images=True)
    np.testing.assert_array_equal(found.images, given)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.labels.dtype == np.int32 and found.features is None and found.logits is None


@pytest.mark.parametrize("count", [1, 63, 129])
def test_two_replicas_give_what_one_gives(count):
    strategy, _ = get_strategy(use_tpu=False)
    assert strategy.num_replicas_in_sync == 2
    with strategy.scope():
        replicated = feature_network("digits")
    given, labels = images(count), np.arange(count)
    found = extract(batches(given, labels=labels), count, replicated, what="fakes", strategy=strategy)
    features, logits = feature_network("digits").features_and_logits(given)
    np.testing.assert_allclose(found.features, features, atol=1e-5)
    np.testing.assert_allclose(found.logits, logits, atol=1e-5)
    np.testing.assert_array_equal(found.labels, labels)


def test_batches_are_made_ahead_in_another_thread(network):
    threads, made = [], threading.Event()

    def slow():
        for number in range(3):
            threads.append(threading.current_thread())
            if number == 1:
                made.set()
            yield images(4, number), None

    def on_batch(done):
        if done == 4:
            assert made.wait(20)  # while the first batch is at work, the second one is there

    extract(slow(), 12, network, what="fakes", on_batch=on_batch)
    assert threading.main_thread() not in threads


def replaced(value, at, count=70):
    given = images(count)
    given[at, 3, 3] = value
    return given


@pytest.mark.parametrize(
    ("given", "count", "message"),
    [
        (
            replaced(np.nan, 66),
            70,
            r"fakes: expected images in \[0, 1\]; 1 of 6 are not, the first is image 66 with NaN",
        ),
        (replaced(200.0, 5), 70, r"the first is image 5 with values from .* to 200.0"),
        (replaced(-1.0, 65), 70, r"the first is image 65 with values from -1.0"),
        (images(69), 70, "fakes: expected 70 images, got 69"),
        (images(71), 70, "fakes: expected 70 images, got more"),
        (np.repeat(images(70)[:, :1, :1], 32, 1).repeat(32, 2), 70, "fakes: all 70 images are constant"),
    ],
)
def test_bad_images_are_named(network, given, count, message):
    with pytest.raises(ValueError, match=message):
        extract(batches(given), count, network, what="fakes")


def test_some_constant_images_are_images(network):
    given = images(70)
    given[:60] = 0.0
    assert extract(batches(given), 70, network, what="fakes").count == 70


def test_features_that_are_not_finite_are_named(network):
    def evaluate(batch):
        features, logits = network.evaluate(batch)
        return tf.where(batch[:, 0, 0] == 0.0, np.float32(np.inf), features), logits

    broken = type(network)(**{**vars(network), "evaluate": evaluate})
    given = images(70)
    given[65, 0, 0] = 0.0
    with pytest.raises(ValueError, match="fakes: 1 of 6 images have features with NaN or inf.*is image 65"):
        extract(batches(given), 70, broken, what="fakes")


def test_an_error_while_images_are_made_comes_through(network):
    def failing():
        yield images(64), None
        raise OSError("picture 65 is broken")

    with pytest.raises(OSError, match="picture 65 is broken"):
        extract(failing(), 128, network, what="fakes")
