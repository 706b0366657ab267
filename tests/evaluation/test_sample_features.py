"""What metrics get of images, training images and the network."""

import types

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.evaluation.sample_features import SampleFeatures
from compare_gan2.evaluation.sources import ImageSource
from compare_gan2.metrics.networks.feature_networks import FeatureNetwork


def source(count, resize="none"):
    images = np.random.RandomState(count).uniform(size=(count, 4, 4, 1)).astype(np.float32)
    batches = lambda: iter([(images, np.arange(count, dtype=np.int32))])  # noqa: E731
    return ImageSource(f"images{count}", "train", count, (4, 4, 1), None, batches, lambda: f"{count}", resize)


def evaluated(images):
    return tf.reshape(images, [-1, 16]), tf.zeros([len(images), 0])


NETWORK = FeatureNetwork("pixels", 16, 0, None, evaluated, "checksum")


def features(tmp_path, *needs):
    metric = types.SimpleNamespace(needs=frozenset(needs), uses_network=True)
    trained_on = lambda whole: source(9 if whole else 5)  # noqa: E731
    return SampleFeatures([metric], NETWORK, source(6), trained_on, cache_dir=tmp_path), [metric]


@pytest.mark.parametrize("reads_before", [False, True])
def test_training_images_are_as_many_as_fakes_and_their_features_of_all(tmp_path, reads_before):
    of_images, metrics = features(tmp_path, "train_images", "training_features")
    if reads_before:
        of_images.read_real()
    samples = of_images.samples(metrics, source(5))
    assert (samples.train.count, samples.training.count) == (5, 9)
    assert samples.train.images.shape == (5, 4, 4, 1) and samples.train.features is None
    np.testing.assert_array_equal(samples.training.features, next(source(9).batches())[0].reshape(9, 16))
    assert len(list(tmp_path.glob("images9-train-9-pixels-*.npz"))) == 1  # features are cached


def test_what_no_metric_needs_is_not_read(tmp_path):
    of_images, metrics = features(tmp_path, "fake_features")
    samples = of_images.samples(metrics, source(5))
    assert samples.train is samples.training is None and samples.real.features is None


def test_the_network_takes_images_of_the_generator_unless_they_are_resized_first(tmp_path):
    of_images, metrics = features(tmp_path, "feature_network")
    assert of_images.samples(metrics, source(5)).network is NETWORK
    assert of_images.samples(metrics, source(5, "clean to 4")).network is None
