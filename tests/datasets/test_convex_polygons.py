"""Computed polygons: convex, of the asked number of vertices, the same for the same seed."""

import numpy as np
import pytest

from compare_gan2.config.configuration import parse
from compare_gan2.datasets.open_dataset import open_dataset
from compare_gan2.datasets.sources.convex_polygons import CLASS_NAMES, convex_polygons, load
from compare_gan2.ground.errors import ConfigError


def areas(images):
    """Share of each image that is black."""
    return 1 - images.mean(axis=(1, 2, 3)) / 255


def test_many_vertices_are_a_disc():
    disc = convex_polygons(2, 200, min_angle=1.8, scale=0.8, side=50, centred=False)
    assert disc.shape == (2, 50, 50, 1) and disc.dtype == np.uint8
    np.testing.assert_allclose(areas(disc), np.pi / 4 * 0.8**2, rtol=0.01)
    middle = disc[:, 25, :, 0] < 128
    np.testing.assert_array_equal(middle.sum(axis=1), 40)  # pixels of the diameter


@pytest.mark.parametrize("num_vertices", [3, 4, 5, 6])
def test_polygons_are_convex(num_vertices):
    """Black points of every row and column are without a gap."""
    black = convex_polygons(40, num_vertices, subpixels=4, seed=2)[..., 0] < 128
    assert black.any(axis=(1, 2)).all()
    for lines in (black, black.transpose(0, 2, 1)):
        begins = np.diff(lines.astype(int), axis=2, prepend=0) == 1
        assert begins.sum(axis=2).max() == 1


def test_more_vertices_fill_more_of_the_circle():
    means = [areas(convex_polygons(200, number, subpixels=2)).mean() for number in (3, 4, 6, 12)]
    assert means == sorted(means)
    assert means[-1] < np.pi / 4 * 0.75**2


def test_seed_alone_decides():
    first = convex_polygons(60, 3, seed=5)
    np.testing.assert_array_equal(convex_polygons(10, 3, seed=5), first[:10])
    assert not np.array_equal(convex_polygons(10, 3, seed=6), first[:10])


def test_polygons_are_centred_and_turned_by_any_angle():
    images = 1 - convex_polygons(200, 3, side=24, scale=0.6, subpixels=4)[..., 0] / 255
    places = np.arange(24) + 0.5
    middles = [
        np.einsum("nij,j->n", each, places) / images.sum(axis=(1, 2)) for each in (images, images.swapaxes(1, 2))
    ]
    np.testing.assert_allclose(middles, 12, atol=0.2)  # the centroid of a triangle is the mean of its vertices
    corners = convex_polygons(100, 3, min_angle=120, centred=False)[:, :, :, 0] < 128
    leftmost = corners.any(axis=1).argmax(axis=1)
    assert leftmost.min() < leftmost.max() - 3  # not all turned alike


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"num_vertices": 2}, "num_vertices: expected at least 3, got 2"),
        ({"min_angle": 121}, "min_angle: expected 0 to 360 / 3 degrees, got 121"),
        ({"scale": 0}, "scale: expected above 0, at most 1, got 0"),
        ({"side": 1}, "side: expected at least 2, got 1"),
        ({"count": 0}, "count: expected at least 1, got 0"),
        ({"subpixels": 0}, "subpixels: expected at least 1, got 0"),
    ],
)
def test_numbers_out_of_range(changes, message):
    with pytest.raises(ConfigError, match=f"^convex_polygons: {message}$"):
        convex_polygons(**{"count": 1, "num_vertices": 3, **changes})


def test_the_dataset():
    train_images, train_labels, test_images, test_labels = load()
    assert np.bincount(train_labels).tolist() == [1000] * 4 and np.bincount(test_labels).tolist() == [250] * 4
    means = [areas(train_images[train_labels == label]).mean() for label in range(4)]
    assert means == sorted(means)
    dataset = open_dataset(parse([], ["labels.per_class = 5"]), "convex_polygons")
    assert dataset.num_labelled == 20 and dataset.class_names == CLASS_NAMES
    assert dataset.description.startswith(
        "convex_polygons: 4000 training images of 32x32x1, 20 of them with their label"
    )
    images, labels = dataset.test_images(8)
    np.testing.assert_array_equal(np.round(images * 255), test_images[:8])
    np.testing.assert_array_equal(labels, test_labels[:8])
