import json

import numpy as np
import pytest
from support.tiny_pretraining import dataset, inference

from compare_gan2.datasets.labels.training_labels import with_inferred
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.labels_of_propagation import propagated
from compare_gan2.pretraining.propagation_options import PropagationOptions

BINDINGS = {"inferred_labels__method": "'propagation'", "propagation__neighbours": 4, "pretrain__training_steps": 1}
BINDINGS |= {"inferred_labels__kind": "'soft'"}


def groups(sizes=(30, 30, 30), spread=0.25):
    """Directions around three axes, and the axis of each."""
    random, labels = np.random.RandomState(0), np.repeat(range(3), sizes)
    return np.eye(3)[labels] + spread * random.normal(size=(len(labels), 3)), labels


def given(labels, *indices):
    hidden = np.full_like(labels, -1)
    hidden[list(indices)] = labels[list(indices)]
    return hidden


@pytest.mark.parametrize("class_sizes", ["free", "labelled", "equal"])
@pytest.mark.parametrize("cluster_weight", [0.0, 0.5])
def test_labels_reach_the_images_of_their_group(class_sizes, cluster_weight):
    points, labels = groups()
    options = PropagationOptions(5, 0.9, class_sizes, cluster_weight)
    found = propagated(points, given(labels, 3, 40, 80), 3, options)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert np.mean(found.argmax(axis=1) == labels) > 0.95


def test_sizes_of_the_classes_are_those_that_are_assumed():
    points, labels = groups((60, 15, 15), 0.5)
    few = given(labels, *range(8), 60, 61, 76, 77)
    means = {
        sizes: propagated(points, few, 3, PropagationOptions(5, 0.9, sizes)).mean(axis=0)
        for sizes in ("equal", "labelled", "free")
    }
    np.testing.assert_allclose(means["equal"], 1 / 3, atol=1e-3)
    np.testing.assert_allclose(means["labelled"], [8 / 12, 2 / 12, 2 / 12], atol=1e-3)
    assert np.abs(means["free"] - 1 / 3).max() > 0.05


def test_clusters_help_where_groups_overlap_and_each_has_one_label():
    points, labels = groups((60, 60, 60), 0.4)
    right = []
    for draw in range(8):
        random = np.random.RandomState(draw)
        few = given(labels, *(60 * group + random.randint(60) for group in range(3)))
        found = [propagated(points, few, 3, PropagationOptions(5, 0.99, "equal", weight)) for weight in (0.0, 0.5)]
        right.append([np.mean(probabilities.argmax(axis=1) == labels) for probabilities in found])
    without, beside = np.transpose(right)
    assert beside.mean() > without.mean() + 0.01 and beside.min() > without.min() + 0.05


def test_a_cluster_may_count_as_one_label_of_its_class():
    points, labels = groups((60, 60, 60), 0.4)
    for count in (1, 3):
        few = given(labels, *(60 * group + place for group in range(3) for place in range(count)))
        bound = [PropagationOptions(5, 0.99, "equal", weight) for weight in ("one_label", 1 / (1 + count), 0.0)]
        as_label, by_share, without = (propagated(points, few, 3, options) for options in bound)
        np.testing.assert_allclose(as_label, by_share, rtol=1e-6)
        assert np.abs(as_label - without).max() > 1e-3
    uneven = propagated(points, given(labels, 0, 1, 2, 60, 120), 3, PropagationOptions(5, 0.99, "equal", "one_label"))
    assert np.mean(uneven.argmax(axis=1) == labels) > 0.8


def test_an_image_that_nothing_reaches_has_the_shares_that_are_assumed():
    points = np.concatenate([np.eye(6)[[0, 0, 0, 1, 1, 1]], [[0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]]])
    found = propagated(points, np.array([0, -1, -1, 1, -1, -1, -1, -1]), 2, PropagationOptions(2, 0.9))
    np.testing.assert_allclose(found[6:], 0.5)
    assert found[:6].argmax(axis=1).tolist() == [0, 0, 0, 1, 1, 1]


def manifest(tmp_path):
    return json.loads(next(tmp_path.glob("*/labels-*/manifest.json")).read_text())


def test_from_a_task_without_labels_to_files(tmp_path):
    made = inference(tmp_path, "rotation", "hard", dataset(0.2), **BINDINGS)
    assert made.description == "hard, 12 labels propagated over the features of rotation"
    found = with_inferred(made.dataset, made.infer())
    known = made.dataset.labelled_mask
    assert found.num_labelled == 60 and found.labels_are_classes
    assert np.array_equal(found.labels[known], made.dataset.labels[known])
    said = manifest(tmp_path)
    assert (said["method"], said["labels_used"], said["true_labels_seen"], said["task"]) == (
        "propagation",
        12,
        12,
        "rotation",
    )
    right = found.labels == made.dataset.source.training_labels()
    assert said["accuracy"] == pytest.approx(np.mean(right))
    assert said["accuracy_unlabelled"] == pytest.approx(np.mean(right[~known]))
    assert sum(said["per_class"]) == sum(said["confidence_histogram"]) == 60 and "temperature" not in said
    pictures = sorted(path.name for path in tmp_path.glob("*/labels-*/*.png"))
    assert pictures == ["confidence.png", "confusion.png", "counts.png"]


def test_other_labels_share_the_extractor_and_have_their_own_files(tmp_path):
    for share in (0.2, 0.5):
        inference(tmp_path, "rotation", "soft", dataset(share), **BINDINGS).infer()
    assert len(list(tmp_path.iterdir())) == 1 and len(list(tmp_path.glob("*/labels-soft-propagated-*"))) == 2


def test_soft_labels_are_calibrated_with_labels_that_are_held_out(tmp_path):
    made = inference(tmp_path, "rotation", "soft", dataset(0.5), inferred_labels__held_out=0.5, **BINDINGS)
    assert (made.dataset.num_labelled, len(made.extractor.held_out.indices)) == (15, 15)
    found, said = with_inferred(made.dataset, made.infer()), manifest(tmp_path)
    assert found.has_soft_labels
    np.testing.assert_allclose(found.labels.sum(axis=1), 1, atol=1e-5)
    assert (said["calibration_images"], said["labels_used"], said["true_labels_seen"]) == (15, 15, 15)
    assert said["temperature"] > 0 and 0 <= said["ece"] <= 1 and 0 <= said["ece_before"] <= 1


@pytest.mark.parametrize(
    "bindings, data, message",
    [
        (
            {},
            {"unlabelled": range(0, 60, 3)},
            "propagation: expected a labelled image of each .* none of 1 .such as top.",
        ),
        ({"propagation__alpha": 1.0}, {}, "propagation.alpha: expected a number of at least 0 and below 1, got 1.0"),
        ({"inferred_labels__held_out": 0.01}, {}, "inferred_labels.held_out: 0.01 of at most 10 labelled images"),
        ({"inferred_labels__held_out": -0.1}, {}, "inferred_labels.held_out: expected a number .* below 1, got -0.1"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(tmp_path, bindings, data, message):
    with pytest.raises(ConfigError, match=message):
        inference(tmp_path, "rotation", "hard", dataset(**data), **(BINDINGS | bindings))
    assert not list(tmp_path.iterdir())


def test_more_neighbours_than_images():
    with pytest.raises(ConfigError, match=r"propagation.neighbours: expected less than .* images \(3\), got 3"):
        propagated(np.eye(3), np.arange(3), 3, PropagationOptions(3))
