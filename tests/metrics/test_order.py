"""Scores do not depend on the order of the images, of any metric in the registry."""

import dataclasses

import numpy as np
import pytest
from support.quick_metrics import QUICK, generator
from support.quick_metrics import feature_network as network_of_pixels

import compare_gan2.metrics.table  # noqa: F401, registers the shipped metrics
from compare_gan2.config.configuration import parse
from compare_gan2.datasets.sources import mnist_5k
from compare_gan2.metrics.classification.classifier_score import classifier_score, classifier_score_of_splits
from compare_gan2.metrics.distances.fid import fid
from compare_gan2.metrics.distances.kid import kid, kid_of_subsets
from compare_gan2.metrics.networks.feature_networks import feature_network
from compare_gan2.metrics.registry import METRICS, NEEDS, choose
from compare_gan2.metrics.row_order import content_order, in_content_order, shuffled_order
from compare_gan2.metrics.samples import ImageSet, Samples

COUNT = 90
ORDERS = 10


def image_set(seed, count=COUNT):
    """Images of three classes, sorted by class, some of them equal."""
    random = np.random.RandomState(seed)
    labels = np.sort(np.arange(count, dtype=np.int32) % 3)
    images = np.clip(random.uniform(size=(count, 32, 32, 1)) + 0.1 * labels[:, None, None, None], 0, 1)
    features = random.normal(3 * labels[:, None], 1, (count, 8)).astype(np.float32)
    logits = random.normal(0, 1, (count, 3)).astype(np.float32)
    logits[np.arange(count), labels] += 5
    for array in (images, features, logits):
        array[5] = array[4]
    return ImageSet(count, images.astype(np.float32), features, logits, labels)


def reordered(images, order):
    arrays = {name: value[order] for name, value in vars(images).items() if name != "count"}
    return dataclasses.replace(images, **arrays)


def discriminate(images, labels):
    return images.mean(axis=(1, 2, 3)) - 0.55 + 0.001 * (labels == 0)


def numbers(metric, samples):
    values = {row: None if value is None else float(value) for row, value in metric.measure(samples).items()}
    resampled = metric.resampled(samples, np.random.RandomState(0))
    return values, {row: scores.tolist() for row, scores in resampled.items()}, metric.cautions(samples, values)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_ten_orders_and_that_by_class_give_the_same_value(name, brisque_model):
    (metric,) = choose([name], set(NEEDS), parse([], [*QUICK, "fractal_dimension.num_seeds = 50", *brisque_model]))
    sets = {"fake": image_set(1), "real": image_set(2), "train": image_set(3), "training": image_set(4)}
    samples = Samples(**sets, seed=7, generator=generator(), discriminator=discriminate, network=network_of_pixels())
    expected = numbers(metric, samples)
    random = np.random.RandomState(4)
    for _ in range(ORDERS):
        orders = {kind: random.permutation(COUNT) for kind in sets}  # each side has one of its own
        other = {kind: reordered(images, orders[kind]) for kind, images in sets.items()}
        assert numbers(metric, dataclasses.replace(samples, **other)) == expected


@pytest.fixture(scope="module")
def digits():
    """Features and logits of 2,000 digits, sorted by class."""
    images, labels, *_ = mnist_5k.load()
    order = np.argsort(labels[:2000], kind="stable")
    return feature_network("digits").features_and_logits(images[:2000][order].astype(np.float32) / 255)


def test_digits_by_class_and_shuffled(digits):
    features, logits = digits
    order = np.random.RandomState(0).permutation(len(features))
    assert fid(features, features[order]) == 0.0
    found = kid(features, features[order])
    assert abs(found.mean) < 0.002  # below 0, since equal images are on both sides
    assert kid(features, features[order], images_in_order=True).mean > 0.1
    of_splits = classifier_score_of_splits(logits)
    assert of_splits == classifier_score_of_splits(logits[order])
    assert of_splits.mean == pytest.approx(classifier_score(logits), rel=0.05)
    assert classifier_score_of_splits(logits, images_in_order=True).mean < 1.5


@pytest.mark.parametrize("name", ["kid", "kid_of_subsets", "classifier_score_of_splits"])
def test_images_in_order_are_those_given(name):
    """As another program scores the same files: its parts and subsets count the images as they come."""
    blocks = ["kid.max_block_size = 30", "kid_of_subsets.subset_size = 20", "classifier_score_of_splits.num_splits = 3"]
    (metric,) = choose([name], set(NEEDS), parse([], [*blocks, f"{name}.images_in_order = True"]))
    real, fake = image_set(2), image_set(1)
    found = metric.measure(Samples(fake, real, seed=7))[name]
    direct = {
        "kid": lambda fake: kid(real.features, fake.features, max_block_size=30, images_in_order=True),
        "kid_of_subsets": lambda fake: kid_of_subsets(
            real.features, fake.features, subset_size=20, images_in_order=True
        ),
        "classifier_score_of_splits": lambda fake: classifier_score_of_splits(fake.logits, 3, images_in_order=True),
    }[name]
    assert found == direct(fake).mean
    other = reordered(fake, np.random.RandomState(0).permutation(COUNT))
    assert found != metric.measure(Samples(other, real, seed=7))[name] == direct(other).mean


def test_orders():
    random = np.random.RandomState(0)
    for rows in (random.normal(size=(50, 3)), random.randint(0, 2, (50, 3)) * 1.0, random.uniform(size=(50, 2, 2, 1))):
        labels = random.randint(0, 4, 50)
        other = random.permutation(50)
        np.testing.assert_array_equal(in_content_order(rows), in_content_order(rows[other]))
        first, second = content_order(rows, labels), content_order(rows[other], labels[other])
        np.testing.assert_array_equal(rows[first], rows[other][second])
        np.testing.assert_array_equal(labels[first], labels[other][second])
        one, two = shuffled_order(rows, 1, "a"), shuffled_order(rows[other], 1, "a")
        np.testing.assert_array_equal(rows[one], rows[other][two])
        assert sorted(one) == list(range(50)) and list(one) != list(shuffled_order(rows, 2, "a"))
    zeros = np.array([[0.0, 1.0], [-0.0, 0.0]])
    assert content_order(zeros).tolist() == [1, 0]


@pytest.mark.parametrize("equal_numbers", [0, 8, 20])
def test_first_numbers_decide_unless_they_are_equal(equal_numbers):
    """The order is that of Python's lists, of positive numbers."""
    matrix = np.random.RandomState(0).uniform(size=(40, 20)).astype(np.float32)
    matrix[:, :equal_numbers] = 0.0
    expected = sorted(range(40), key=lambda row: matrix[row].tolist())
    np.testing.assert_array_equal(content_order(matrix), expected)
    np.testing.assert_array_equal(content_order(matrix.astype(np.float64)), expected)
