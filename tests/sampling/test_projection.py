"""The latent of an image that a small generator made is found again."""

import types

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.datasets.latents import EvaluationLatents, normal, uniform
from compare_gan2.ground.errors import ConfigError, DataError
from compare_gan2.runs.trained_model import Model
from compare_gan2.sampling.projection import project

WEIGHTS = np.random.RandomState(0).standard_normal([3, 48]).astype(np.float32)


def generator(latents, labels, training):
    assert not training
    images = tf.sigmoid(tf.reshape(tf.matmul(latents, WEIGHTS), [-1, 4, 4, 3]))
    return images if labels is None else images * (0.4 + 0.6 * labels[:, :1, None, None])


class Networks:
    weights = "ema"

    def __init__(self, num_classes):
        self.gan = types.SimpleNamespace(image_shape=(4, 4, 3), z_dim=3, num_classes=num_classes)
        self.generator = generator

    def generate(self, latents, labels, batch_size=64, on_images=None):
        return generator(tf.constant(latents), None if labels is None else tf.constant(labels), training=False).numpy()


def model_of(num_classes=2, latents=None):
    return Model(Networks(num_classes), latents or EvaluationLatents(distribution_fn=normal))


@pytest.mark.parametrize("latents", [None, EvaluationLatents(distribution_fn=uniform)])
def test_the_latent_of_an_image_is_found(latents):
    model = model_of(latents=latents)
    wanted = model.draw_latents(1, seed=77)
    image = model.generate(wanted, 1, "float32")[0]
    reported = []
    found = project(model, image, on_iteration=lambda *given: reported.append(given))
    assert found.label == 1 and found.error < 0.01 < found.start_error
    np.testing.assert_allclose(found.latents, wanted, atol=0.15)
    np.testing.assert_array_equal(found.image, model.generate(found.latents, 1, "float32")[0])
    assert found.error == pytest.approx(np.sqrt(np.mean((found.image - image) ** 2)), rel=1e-4)
    assert [number for number, _ in reported] == list(range(1, 301))
    errors = [error for _, error in reported]
    assert errors == sorted(errors, reverse=True) and errors[-1] == pytest.approx(found.error, abs=1e-3)


def test_the_same_seed_finds_the_same():
    model = model_of(None)
    image = model.sample(1, seed=5)[0]
    first, again = (project(model, image, iterations=5) for _ in range(2))
    np.testing.assert_array_equal(first.latents, again.latents)
    assert first.label is None and np.any(project(model, image, iterations=5, seed=1).latents != first.latents)


def test_only_chosen_classes_are_tried():
    model = model_of()
    image = model.generate(model.draw_latents(1, seed=77), 1, "float32")[0]
    assert project(model, image, ["0"], iterations=2).label == 0


def test_latents_stay_where_they_are_drawn():
    white = np.full([4, 4, 3], 255, np.uint8)
    found = project(model_of(None, EvaluationLatents(distribution_fn=uniform)), white, iterations=40)
    assert np.abs(found.latents).max() <= 1
    found = project(model_of(None), white, iterations=100)
    assert np.mean(found.latents**2) < 4


def test_what_cannot_be_projected():
    with pytest.raises(DataError, match=r"expected an image of 4x4x3 \(height, width, channels\), got 5x4x3"):
        project(model_of(), np.zeros([5, 4, 3], np.uint8))
    with pytest.raises(ConfigError, match="classes: expected classes from 0 to 1, got '2'"):
        project(model_of(), np.zeros([4, 4, 3], np.uint8), ["2"])
