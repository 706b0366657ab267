"""Perceptual path length against its definition, and for generators whose length is known."""

import zlib

import numpy as np
import pytest
import tensorflow as tf
from support.known_generators import access, linear, network

from compare_gan2.datasets.latents import Latents, normal, uniform
from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.ground.random_streams import random_state
from compare_gan2.metrics.model.path_length import path_distances, perceptual_path_length

NORMAL, UNIFORM = Latents(normal), Latents(uniform)
CENTRE = network(lambda images: 10.0 * images[:, 5, 5, :])  # of `linear` images: 5 + z


def distances(generator, features=CENTRE, num_paths=128, epsilon=1e-4, seed=0):
    return path_distances(generator, features, num_paths=num_paths, epsilon=epsilon, seed=seed)


def test_trimming_is_that_of_the_definition():
    values = np.random.RandomState(0).exponential(size=1000)
    ordered = np.sort(values)
    low, high = ordered[int(np.floor(0.01 * 999))], ordered[int(np.ceil(0.99 * 999))]
    kept = [value for value in values if low <= value <= high]
    found = perceptual_path_length(values)
    assert found.mean == pytest.approx(np.mean(kept)) and len(found.kept) == len(kept) == 982
    assert found.mean < values.mean()  # outliers of a long tail are left out
    assert perceptual_path_length([3.0]).mean == 3.0


def test_linear_paths_of_uniform_latents_have_the_length_of_their_ends():
    generator = access(linear, UNIFORM, 6)
    found = distances(generator)
    expected = []
    for number in range(2):
        first, _ = generator.draw("ppl: first latents", number)
        last, _ = generator.draw("ppl: last latents", number)
        expected += list(((np.asarray(last) - np.asarray(first)) ** 2).sum(axis=1))
    np.testing.assert_allclose(found, expected, rtol=0.05)  # float32 images, a step of 1e-4
    np.testing.assert_allclose(distances(generator, epsilon=1e-2), expected, rtol=1e-3)


@pytest.mark.parametrize("latents", [NORMAL, TruncatedLatents(NORMAL, 0.5)])
def test_normal_latents_are_interpolated_on_the_sphere(latents):
    """Speed of slerp between z and z' at t, by differences of the formula of Shoemake in float64."""
    generator = access(linear, latents, 6)
    first, last = (np.asarray(generator.draw(f"ppl: {end} latents", 0)[0], np.float64) for end in ("first", "last"))
    angle = np.arccos((first * last).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(last, axis=1))[:, None]

    def point(t):
        return (np.sin((1 - t) * angle) * first + np.sin(t * angle) * last) / np.sin(angle)

    t = random_state(0, zlib.crc32(b"ppl: positions")).uniform(size=[1, 64, 1])[0]
    expected = (((point(t + 1e-2) - point(t)) / 1e-2) ** 2).sum(axis=1)
    np.testing.assert_allclose(distances(generator, num_paths=64, epsilon=1e-2), expected, rtol=1e-3)


def test_same_seed_same_paths_and_more_paths_begin_with_them():
    generator = access(linear, NORMAL, 4)
    np.testing.assert_array_equal(distances(generator), distances(generator))
    np.testing.assert_array_equal(distances(generator, num_paths=70), distances(generator)[:70])
    assert not np.array_equal(distances(generator), distances(generator, seed=1))


def test_a_label_is_kept_along_a_path():
    def jumping(latents, labels):
        return linear(latents) + tf.cast(labels, tf.float32)[:, None, None, None]

    expected, found = (distances(access(images, UNIFORM, 3, num_labels=5)) for images in (linear, jumping))
    np.testing.assert_allclose(found, expected, rtol=0.5)  # a change of labels would add 1e8


def test_what_cannot_be_measured_is_refused():
    generator = access(linear, NORMAL, 3)
    with pytest.raises(ValueError, match="ppl: --size resizes images"):
        distances(generator, features=None)
    with pytest.raises(ValueError, match="ppl: 64 of 64 images have features with NaN"):
        distances(generator, features=network(lambda images: images[:, 0, 0] / 0.0 * 0.0))
    with pytest.raises(ValueError, match="ppl: 1 of 2 distances are below 0, NaN or infinity, .* of path 1"):
        perceptual_path_length([1.0, -1.0])
    with pytest.raises(ValueError, match="ppl: expected distances .*, got shape \\(0,\\)"):
        perceptual_path_length([])
