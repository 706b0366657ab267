"""Convex polygons that are computed, not read: the synthetic data of "Are GANs Created Equal?" (Lucic et al. 2018).

There is nothing to download, and what a good sample is can be seen.
"""

import functools

import numpy as np

from compare_gan2.ground.errors import ConfigError

CLASS_NAMES = ("triangle", "quadrilateral", "pentagon", "hexagon")
SIDE = 32
TRAIN_IMAGES, TEST_IMAGES = 4_000, 1_000
SEED = 0  # Never changes: scores of the dataset depend on its images.
_AT_ONCE = 50  # polygons; each has (side * subpixels)^2 points


def convex_polygons(
    count, num_vertices, *, side=28, min_angle=20.0, scale=0.75, subpixels=8, centred=True, rotated=True, seed=0
):
    """uint8 [count, side, side, 1]: black convex polygons on white, their edges antialiased.

    Vertex i is on a circle, at a random angle within sector i of `num_vertices` equal ones.

    Args:
        count: number of images.
        num_vertices: of each polygon, at least 3.
        side: of the images in pixels, at least 2.
        min_angle: degrees, in [0, 360 / num_vertices]; half of it at the start of each sector is left free.
        scale: diameter of the circle as a share of the side, in (0, 1].
        subpixels: each pixel is the mean of subpixels x subpixels points.
        centred: whether the mean of the vertices is moved to the middle; parts of lean polygons may then be outside.
        rotated: whether each polygon is turned by a random angle.
        seed: of all of it; the first images of a seed are the same whatever the count.

    Raises:
        ConfigError: for a number outside these ranges.

    Example:
        >>> triangles = convex_polygons(100, 3, seed=0)
    """
    for name, value, fits, expected in (
        ("count", count, count >= 1, "at least 1"),
        ("num_vertices", num_vertices, num_vertices >= 3, "at least 3"),
        ("side", side, side >= 2, "at least 2"),
        ("min_angle", min_angle, 0 <= min_angle <= 360 / max(num_vertices, 1), f"0 to 360 / {num_vertices} degrees"),
        ("scale", scale, 0 < scale <= 1, "above 0, at most 1"),
        ("subpixels", subpixels, subpixels >= 1, "at least 1"),
    ):
        if not fits:
            raise ConfigError(f"convex_polygons: {name}: expected {expected}, got {value}")
    random = np.random.RandomState(seed)
    draws = random.random_sample([count, num_vertices + 1])  # a row for each polygon
    sector, free = 360 / num_vertices, min_angle / 2
    angles = np.arange(num_vertices) * sector + free + draws[:, :-1] * (sector - free)
    angles = np.deg2rad(angles + (360 * draws[:, -1:] if rotated else 0))
    vertices = 0.5 * scale * side * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    if centred:
        vertices -= vertices.mean(axis=1, keepdims=True)
    vertices += side / 2
    images = [_drawn(vertices[start : start + _AT_ONCE], side, subpixels) for start in range(0, count, _AT_ONCE)]
    return np.concatenate(images)


def _drawn(vertices, side, subpixels):
    """Images of polygons [n, num_vertices, 2], whose vertices are in pixels and run anticlockwise, (x, y up)."""
    places = ((np.arange(side * subpixels) + 0.5) / subpixels).astype(np.float32)
    x, y = places[None, None, :], places[None, ::-1, None]
    starts = vertices.astype(np.float32)
    outside = np.zeros([len(vertices), len(places), len(places)], bool)
    for (x0, y0), (x1, y1) in zip(
        np.moveaxis(starts, 0, -1), np.moveaxis(np.roll(starts, -1, axis=1), 0, -1), strict=True
    ):
        x0, y0, x1, y1 = (each[:, None, None] for each in (x0, y0, x1, y1))
        outside |= (x1 - x0) * (y - y0) < (y1 - y0) * (x - x0)  # right of an edge
    shares = outside.reshape(len(vertices), side, subpixels, side, subpixels).mean(axis=(2, 4))
    return np.round(255 * shares).astype(np.uint8)[..., None]


@functools.cache
def load():
    """4,000 training and 1,000 test images of polygons with 3 to 6 vertices, as many of each, in one fixed order.

    The arrays are shared between callers and therefore read-only.

    Returns:
        (train_images, train_labels, test_images, test_labels): images uint8 in 0..255, [4000, 32, 32, 1] and
        [1000, 32, 32, 1]; labels int32, number of vertices minus 3.
    """
    classes = len(CLASS_NAMES)
    per_class = (TRAIN_IMAGES + TEST_IMAGES) // classes
    images = np.concatenate(
        [convex_polygons(per_class, 3 + label, side=SIDE, subpixels=4, seed=[SEED, label]) for label in range(classes)]
    )
    labels = np.repeat(np.arange(classes, dtype=np.int32), per_class)
    tested = np.arange(len(labels)) % per_class < TEST_IMAGES // classes
    arrays = []
    for number, chosen in enumerate((~tested, tested)):
        order = np.random.RandomState([SEED, classes, number]).permutation(np.flatnonzero(chosen))
        arrays += [images[order], labels[order]]
    for array in arrays:
        array.setflags(write=False)
    return tuple(arrays)
