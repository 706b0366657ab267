"""Nearest training images against plain loops, and the share of copies on data where it is known."""

import csv
import functools

import numpy as np
import pytest

from compare_gan2.ground.errors import ConfigError
from compare_gan2.sampling import neighbours
from compare_gan2.sampling.neighbours import nearest_training_images


def points(count, seed, width=6):
    return np.random.RandomState(seed).standard_normal([count, width]).astype(np.float32) + 3


def by_loops(samples, training, count):
    indices, distances, own = [], [], []
    for sample in samples.astype(np.float64):
        apart = np.sqrt(((training - sample) ** 2).sum(axis=1))
        order = np.argsort(apart, kind="stable")
        nearest = np.sort(np.sqrt(((training - training[order[0]].astype(np.float64)) ** 2).sum(axis=1)))[1]
        indices, distances, own = [*indices, order[:count]], [*distances, apart[order[:count]]], [*own, nearest]
    return np.array(indices), np.array(distances), np.array(own)


def _append(blocks, *block):
    blocks.append(block)


def test_neighbours_are_those_of_plain_loops(monkeypatch):
    samples, training, held_out = points(20, 0), points(50, 1), points(30, 2)
    indices, distances, own = by_loops(samples, training, 4)
    for bytes_at_once in (2**27, 4000):  # several blocks
        monkeypatch.setattr("compare_gan2.metrics.precision_and_recall.nearest_neighbours._BLOCK_BYTES", bytes_at_once)
        blocks = []
        report = functools.partial(_append, blocks)
        found = nearest_training_images(samples, training, 4, held_out, report)
        np.testing.assert_array_equal(found.indices, indices)
        np.testing.assert_allclose(found.distances, distances, rtol=1e-6)
        np.testing.assert_allclose(found.of_training, own, rtol=1e-6)
        assert found.copied == np.mean(distances[:, 0] <= own)
        _, of_held_out, own_of_held_out = by_loops(held_out, training, 1)
        assert found.copied_held_out == np.mean(of_held_out[:, 0] <= own_of_held_out)
        assert [done for done, _ in blocks] == list(range(1, len(blocks) + 1)) and blocks[-1][0] == blocks[-1][1]


def test_copies_are_found():
    training = points(200, 0)
    copies = training[:25] + np.float32(1e-4)
    others = points(75, 1) + 40
    found = nearest_training_images(np.concatenate([copies, others]), training, 1)
    assert found.copied == 0.25 and found.copied_held_out is None
    np.testing.assert_array_equal(found.indices[:25, 0], np.arange(25))
    assert found.nearness[:25].max() < 0.01 and found.nearness[25:].min() > 1
    assert neighbours.shown_rows(found)[:20] and set(neighbours.shown_rows(found)) <= set(range(25))
    assert found.in_words() == "25.0% of 100 samples are nearer to a training image than that image is to any other one"


def test_images_of_the_same_distribution_have_the_share_of_held_out_ones():
    found = nearest_training_images(points(400, 0), points(400, 1), 1, points(400, 2))
    assert found.copied == pytest.approx(found.copied_held_out, abs=0.08) and 0.2 < found.copied < 0.6
    assert found.in_words().endswith(f"; {found.copied_held_out:.1%} of test images are, which training never saw")


def test_a_copy_of_an_image_that_is_there_twice_is_a_copy():
    training = points(10, 0)
    training[5] = training[4]
    found = nearest_training_images(training[4:5], training, 2)
    assert found.copied == 1.0 and found.nearness.tolist() == [0.0]
    assert found.indices.tolist() == [[4, 5]]


@pytest.mark.parametrize("count", [0, 10, 11])
def test_more_neighbours_than_images(count):
    with pytest.raises(ConfigError, match=f"neighbours: expected 1 to 9, fewer than training images, got {count}"):
        nearest_training_images(points(3, 0), points(10, 1), count)


def test_the_picture_shows_samples_beside_their_neighbours():
    training = points(30, 1)
    found = nearest_training_images(training[[7, 3]] + np.float32(0.1), training, 2)
    images = np.full([2, 32, 32, 1], 0.2, np.float32)
    of_training = {int(index): np.full([32, 32, 1], 0.6, np.float32) for index in found.indices.ravel()}
    picture = neighbours.neighbour_picture(images, found, of_training, ["a", "b"], "t")
    assert np.count_nonzero((picture == 51).all(axis=2)) >= 2 * 64 * 64
    assert np.count_nonzero((picture == 153).all(axis=2)) >= 4 * 64 * 64


def test_the_table_has_every_distance(tmp_path):
    found = nearest_training_images(points(3, 0), points(10, 1), 2)
    neighbours.write_table(tmp_path / "n.csv", found, ["a", "b", "c"])
    rows = list(csv.DictReader((tmp_path / "n.csv").open()))
    assert [(row["sample"], row["name"], row["rank"]) for row in rows[:3]] == [
        ("0", "a", "1"),
        ("0", "a", "2"),
        ("1", "b", "1"),
    ]
    np.testing.assert_allclose([float(row["distance"]) for row in rows], found.distances.ravel(), rtol=1e-5)
    np.testing.assert_array_equal([int(row["training_image"]) for row in rows], found.indices.ravel())
    np.testing.assert_allclose([float(row["distance_of_training_image"]) for row in rows[::2]], found.of_training, 1e-5)
