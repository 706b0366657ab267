import dataclasses

import numpy as np
import pytest

from compare_gan2 import configuration
from compare_gan2.configuration import ConfigError
from compare_gan2.datasets import get_dataset, labels
from compare_gan2.datasets.labels import LabelOptions, choose, with_noise

LABELS = np.repeat(np.arange(5), [40, 10, 25, 33, 7])[np.random.RandomState(1).permutation(115)]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 1.0])
def test_the_same_share_of_each_class(fraction):
    mask = choose(LABELS, 5, LabelOptions(fraction=fraction))
    kept = np.bincount(LABELS[mask], minlength=5)
    np.testing.assert_array_equal(kept, np.floor(np.bincount(LABELS) * fraction + 0.5))


def test_a_smaller_fraction_is_a_subset():
    masks = [choose(LABELS, 5, LabelOptions(fraction=fraction, seed=3)) for fraction in (0.1, 0.2, 0.4, 0.8, 1.0)]
    for smaller, larger in zip(masks, masks[1:], strict=False):
        assert np.all(larger[smaller]) and larger.sum() > smaller.sum()


def test_the_seed_chooses():
    masks = [choose(LABELS, 5, LabelOptions(fraction=0.2, seed=seed)) for seed in (0, 0, 1)]
    assert np.array_equal(masks[0], masks[1]) and not np.array_equal(masks[0], masks[2])


def test_images_without_a_label_stay_without():
    stored = np.where(np.arange(115) % 2, LABELS, -1)
    assert not np.any(choose(stored, 5, LabelOptions())[stored < 0])


def test_a_class_without_labels_is_named():
    with pytest.raises(ConfigError, match=r"labels\.fraction: 0\.05 of the 7 images of class 4 leaves it"):
        choose(LABELS, 5, LabelOptions(fraction=0.05))


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, float("nan")])
def test_fraction_out_of_range(fraction):
    with pytest.raises(ConfigError, match=rf"labels\.fraction: expected .* at most 1, got {fraction}"):
        LabelOptions(fraction=fraction)


def test_seed_out_of_range():
    with pytest.raises(ConfigError, match=r"labels\.seed: .* got -1"):
        LabelOptions(seed=-1)


def test_dataset_without_classes_is_refused():
    dataset = dataclasses.replace(get_dataset("mnist", fake=True), num_classes=None)
    with pytest.raises(ConfigError, match="dataset mnist has no labels"):
        labels.restrict(dataset, LabelOptions(fraction=0.5))


def test_bindings_reach_the_dataset():
    configuration.parse([], ["labels.fraction = 0.1", "labels.seed = 4"])
    dataset = get_dataset("mnist", fake=True)
    assert dataset.num_labelled == 10 and dataset.num_train == 100
    np.testing.assert_array_equal(dataset.labels >= 0, choose(np.ones(100), 10, LabelOptions(fraction=0.1, seed=4)))
    configuration.parse([], ["labels.fraction = 'all'"])
    with pytest.raises(ConfigError, match=r"labels\.fraction: expected float, got 'all'"):
        get_dataset("mnist", fake=True)


def test_so_many_of_each_class():
    mask = choose(LABELS, 5, LabelOptions(per_class=4))
    assert np.bincount(LABELS[mask]).tolist() == [4] * 5
    assert np.all(choose(LABELS, 5, LabelOptions(per_class=6))[mask])
    with pytest.raises(ConfigError, match=r"labels\.per_class: class 4 has 7 labels, got 8"):
        choose(LABELS, 5, LabelOptions(per_class=8))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"per_class": 0}, r"labels\.per_class: expected at least 1, got 0"),
        ({"per_class": 3, "fraction": 0.5}, r"labels\.fraction and labels\.per_class: expected one of them"),
        ({"noise": 1.5}, r"labels\.noise: expected a number from 0 to 1, got 1\.5"),
    ],
)
def test_options_that_contradict_each_other_or_are_out_of_range(options, message):
    with pytest.raises(ConfigError, match=message):
        LabelOptions(**options)


def test_noise_changes_its_share_to_other_classes():
    labels_with_gaps = np.where(np.arange(115) % 5, LABELS, -1)
    changed = with_noise(labels_with_gaps, 5, 0.25, seed=0)
    different = changed != labels_with_gaps
    assert different.sum() == round(0.25 * np.sum(labels_with_gaps >= 0))
    assert np.all(labels_with_gaps[different] >= 0) and 0 <= changed[different].min() and changed.max() < 5
    assert np.array_equal(changed, with_noise(labels_with_gaps, 5, 0.25, seed=0))
    assert not np.array_equal(changed, with_noise(labels_with_gaps, 5, 0.25, seed=1))
    with pytest.raises(ConfigError, match=r"labels\.noise: there is no other class"):
        with_noise(np.zeros(10, int), 1, 0.5, seed=0)


def test_one_label_for_all():
    configuration.parse([], ["labels.source = 'single'"])
    dataset = get_dataset("mnist_5k")
    assert dataset.num_classes == 1 and not dataset.labels_are_classes and dataset.class_names is None
    assert set(dataset.labels) == {0} and dataset.num_labelled == 4000
    _, test_labels = dataset.test_images(10)
    assert set(test_labels) == {0}


def test_random_labels_stay_with_their_image():
    configuration.parse([], ["labels.source = 'random'"])
    dataset = get_dataset("mnist_5k")
    assert np.bincount(dataset.labels, minlength=10).min() > 300 and not dataset.labels_are_classes
    agreement = np.mean(dataset.labels == dataset.source.training_labels())
    assert 0.07 < agreement < 0.13
    stream = dataset.training_examples(seed=1).take(9000).as_numpy_iterator()  # more than two epochs
    assert all(example["label"] == dataset.labels[example["index"]] for example in stream)


def test_distribution_of_labels():
    configuration.parse([], ["labels.fraction = 0.25"])
    dataset = get_dataset("mnist_5k")
    assert dataset.label_distribution == pytest.approx(np.full(10, 0.1))
    uneven = dataclasses.replace(dataset, labels=np.repeat([0, 0, 3, -1], 1000))
    assert uneven.label_distribution == pytest.approx([2 / 3, 0, 0, 1 / 3, 0, 0, 0, 0, 0, 0])
    soft = dataclasses.replace(dataset, labels=np.tile(np.float32([0.5, 0.25, 0.25] + [0] * 7), [4000, 1]))
    assert soft.label_distribution == pytest.approx([0.5, 0.25, 0.25, 0, 0, 0, 0, 0, 0, 0])
    assert dataclasses.replace(dataset, num_classes=None).label_distribution is None
