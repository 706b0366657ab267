import dataclasses

import numpy as np
import pytest
from support.bound_dataset import opened

from compare_gan2.datasets.labels import label_options
from compare_gan2.datasets.labels.label_options import LabelOptions, choose
from compare_gan2.ground.errors import ConfigError

LABELS = np.repeat(np.arange(5), [40, 10, 25, 33, 7])[np.random.RandomState(1).permutation(115)]


@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5, 1.0])
def test_the_same_share_of_each_class(fraction):
    mask = choose(LABELS, 5, LabelOptions(fraction, seed=0))
    kept = np.bincount(LABELS[mask], minlength=5)
    np.testing.assert_array_equal(kept, np.floor(np.bincount(LABELS) * fraction + 0.5))


def test_a_smaller_fraction_is_a_subset():
    masks = [choose(LABELS, 5, LabelOptions(fraction, seed=3)) for fraction in (0.1, 0.2, 0.4, 0.8, 1.0)]
    for smaller, larger in zip(masks, masks[1:], strict=False):
        assert np.all(larger[smaller]) and larger.sum() > smaller.sum()


def test_the_seed_chooses():
    masks = [choose(LABELS, 5, LabelOptions(0.2, seed=seed)) for seed in (0, 0, 1)]
    assert np.array_equal(masks[0], masks[1]) and not np.array_equal(masks[0], masks[2])


def test_images_without_a_label_stay_without():
    stored = np.where(np.arange(115) % 2, LABELS, -1)
    assert not np.any(choose(stored, 5, LabelOptions(1.0, seed=0))[stored < 0])


def test_a_class_without_labels_is_named():
    with pytest.raises(ConfigError, match=r"labels\.fraction: 0\.05 of the 7 images of class 4 leaves it"):
        choose(LABELS, 5, LabelOptions(0.05, seed=0))
    with pytest.raises(ConfigError, match="the 7 images of class eel leaves it"):
        choose(LABELS, 5, LabelOptions(0.05, seed=0), ("ant", "bee", "cow", "dog", "eel"))


@pytest.mark.parametrize("fraction", [0.0, -0.1, 1.1, float("nan")])
def test_fraction_out_of_range(fraction):
    with pytest.raises(ConfigError, match=rf"labels\.fraction: expected .* at most 1, got {fraction}"):
        choose(LABELS, 5, LabelOptions(fraction, seed=0))


def test_seed_out_of_range():
    with pytest.raises(ConfigError, match=r"labels\.seed: .* got -1"):
        choose(LABELS, 5, LabelOptions(0.5, seed=-1))


def test_dataset_without_classes_is_refused():
    dataset = dataclasses.replace(opened("mnist", fake=True), num_classes=None)
    with pytest.raises(ConfigError, match="dataset mnist has no labels"):
        label_options.restrict(dataset, LabelOptions(fraction=0.5))


def test_bindings_reach_the_dataset():
    dataset = opened("mnist", "labels.fraction = 0.1", "labels.seed = 4", fake=True)
    assert dataset.num_labelled == 10 and dataset.num_train == 100
    np.testing.assert_array_equal(dataset.labels >= 0, choose(np.ones(100), 10, LabelOptions(0.1, seed=4)))
    with pytest.raises(ConfigError, match=r"labels\.fraction: expected a number above 0 and at most 1, got 'all'"):
        opened("mnist", "labels.fraction = 'all'", fake=True)


@pytest.mark.parametrize("per_class", [1, 4, 7])
def test_a_number_of_each_class(per_class):
    kept = [choose(LABELS, 5, LabelOptions(per_class=n, seed=2)) for n in (per_class, 7)]
    np.testing.assert_array_equal(np.bincount(LABELS[kept[0]], minlength=5), [per_class] * 5)
    assert np.all(kept[1][kept[0]])


def test_a_number_and_a_fraction_exclude_each_other():
    with pytest.raises(ConfigError, match=r"labels\.per_class, labels\.fraction: expected one of them, got 4 and 0\.5"):
        LabelOptions(per_class=4, fraction=0.5)
    with pytest.raises(ConfigError, match=r"labels\.per_class: expected a whole number from 1 .*, got 0"):
        LabelOptions(per_class=0)


def test_a_class_with_too_few_labels_is_named():
    with pytest.raises(ConfigError, match=r"labels\.per_class: class 4 has 7 labelled images, got 8"):
        choose(LABELS, 5, LabelOptions(per_class=8))


def test_noise_replaces_its_share_by_other_classes():
    labels_before = np.where(np.arange(115) % 3 == 0, -1, LABELS).astype(np.int32)
    some, more = (label_options.with_noise(labels_before, 5, noise, seed=1) for noise in (0.2, 0.6))
    known = np.sum(labels_before >= 0)
    assert np.sum(some != labels_before) == np.floor(0.2 * known + 0.5)
    assert np.sum(more != labels_before) == np.floor(0.6 * known + 0.5)
    changed = some != labels_before
    np.testing.assert_array_equal(more[changed], some[changed])  # more noise keeps what less has done
    assert np.all((some == -1) == (labels_before == -1)) and some.max() < 5


def test_noise_is_uniform_over_the_other_classes():
    noisy = label_options.with_noise(np.full([40_000], 2, np.int32), 5, 1.0, seed=0)
    counts = np.bincount(noisy, minlength=5)
    assert counts[2] == 0
    np.testing.assert_allclose(counts[[0, 1, 3, 4]] / 40_000, 0.25, atol=0.01)  # 4.6 deviations


@pytest.mark.parametrize("noise", [-0.1, 1.5])
def test_noise_out_of_range(noise):
    with pytest.raises(ConfigError, match=rf"labels\.noise: expected a number from 0 to 1, got {noise}"):
        LabelOptions(noise=noise)


def test_noise_needs_another_class():
    with pytest.raises(ConfigError, match=r"labels\.noise: expected a dataset of at least 2 classes, got 1"):
        label_options.with_noise(np.zeros([4], np.int32), 1, 0.5, seed=0)


def test_an_image_is_noisy_whatever_else_is_labelled():
    few, many = (choose(LABELS, 5, LabelOptions(fraction)) for fraction in (0.5, 1.0))
    noisy = [label_options.with_noise(np.where(mask, LABELS, -1).astype(np.int32), 5, 1.0, 3) for mask in (few, many)]
    np.testing.assert_array_equal(noisy[0][few], noisy[1][few])


def test_as_many_as_there_are():
    mask = choose(LABELS, 5, LabelOptions(per_class=20, allow_fewer=True))
    np.testing.assert_array_equal(np.bincount(LABELS[mask], minlength=5), [20, 10, 20, 20, 7])
    with pytest.raises(ConfigError, match=r"class 1 has 10 .*, got 20; labels\.allow_fewer = True keeps as many as"):
        choose(LABELS, 5, LabelOptions(per_class=20))
    with pytest.raises(ConfigError, match=r"class 5 has 0 labelled images, got 20$"):
        choose(LABELS, 6, LabelOptions(per_class=20, allow_fewer=True))


def test_at_least_one_of_each_class():
    mask = choose(LABELS, 5, LabelOptions(0.05, at_least_one=True))
    np.testing.assert_array_equal(np.bincount(LABELS[mask], minlength=5), [2, 1, 1, 2, 1])
    larger = choose(LABELS, 5, LabelOptions(0.2, at_least_one=True))
    assert np.all(larger[mask])
    with pytest.raises(ConfigError, match=r"leaves it without a label; labels\.at_least_one = True keeps one"):
        choose(LABELS, 5, LabelOptions(0.05))
