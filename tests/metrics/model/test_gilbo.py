"""GILBO for generators whose mutual information is known, and its densities against those of SciPy."""

import dataclasses

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from support.known_generators import access, linear, noise_table

from compare_gan2.datasets.latents import Latents, normal, truncated_normal, uniform
from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.distribution.reproducible import reproducible
from compare_gan2.metrics.model.gilbo import Bound, gilbo
from compare_gan2.metrics.model.latent_encoder import IntervalPrior, NormalPrior, encoder, prior_of

NORMAL = Latents(normal)
NOISE = 1.0
LABELS = 100_000


def measured(images, latents=NORMAL, z_dim=2, seed=0, num_labels=1, **bound):
    with reproducible(0):
        return gilbo(access(images, latents, z_dim, num_labels), Bound(**bound), seed=seed)


def noisy(latents, labels):
    """Constant channels 0.5 + 0.1 (z + noise); the noise is normal and follows from the label."""
    return linear(latents + NOISE * tf.gather(noise_table(LABELS, 2), labels))


def summed(latents, labels):
    """Images that show the sum of both latents and nothing else."""
    total = tf.reduce_sum(tf.convert_to_tensor(latents), axis=1, keepdims=True)
    return linear(total)


def test_linear_gaussian_channel_has_its_mutual_information():
    expected = 2 * 0.5 * np.log(1 + 1 / NOISE**2)  # two independent channels of signal to noise ratio 1
    found = measured(noisy, num_labels=LABELS, num_steps=400, num_images=6400, learning_rate=1e-3)
    error = found.per_image.std() / np.sqrt(6400)
    assert expected - 0.1 < found.mean < expected + 3 * error, (found.mean, expected, error)


def test_family_that_cannot_know_the_posterior_gives_its_best_bound():
    # Of z given z + z' a product of normals can say N(sum / 2, 1 / 2) at best: log 2; the information is infinite.
    found = measured(summed, num_steps=400, num_images=6400, learning_rate=1e-3)
    assert np.log(2) - 0.1 < found.mean < np.log(2) + 0.05, found.mean


def test_images_without_latents_have_none():
    def constant(latents, labels):
        return tf.random.stateless_uniform([len(latents), 12, 12, 1], [1, 2])

    found = measured(constant, num_steps=200, num_images=3200)
    assert -0.05 < found.mean < 0.02


@pytest.mark.parametrize("latents", [Latents(uniform), TruncatedLatents(NORMAL, 0.5)], ids=["uniform", "truncated"])
def test_latents_that_can_be_read_off_have_much_and_more_steps_more(latents):
    few, many = (measured(linear, latents, num_steps=steps, num_images=640, learning_rate=1e-3) for steps in (5, 100))
    assert many.mean > few.mean + 0.2, (few.mean, many.mean)


def test_same_seed_same_bound():
    first, again, other = (measured(noisy, seed=seed, num_labels=9, num_steps=5, num_images=70) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.per_image, again.per_image)
    assert first.per_image.shape == (70,) and first.mean != other.mean


def test_log_ratios_are_those_of_the_densities():
    random = np.random.RandomState(0)
    parameters = random.normal(size=(7, 3, 2))
    width = np.logaddexp(0, parameters[..., 1] + np.log(np.e - 1)) + 1e-6
    z = random.normal(0.5, 2, size=(7, 3))
    expected = scipy.stats.norm(0.5 + 2 * parameters[..., 0], 2 * width).logpdf(z) - scipy.stats.norm(0.5, 2).logpdf(z)
    np.testing.assert_allclose(NormalPrior(0.5, 2.0).log_ratio(z, parameters), expected.sum(1), rtol=1e-9)
    left, right = (1 + np.logaddexp(0, 5 * parameters[..., side] - 5) for side in (0, 1))
    z = random.uniform(-2, 4, size=(7, 3))
    beta = scipy.stats.beta(left, right, -2, 6).logpdf(z)
    for cut, prior in (
        (None, scipy.stats.uniform(-2, 6)),
        (NormalPrior(1.0, 2.0), scipy.stats.truncnorm(-1.5, 1.5, 1, 2)),
    ):
        found = IntervalPrior(-2.0, 4.0, cut).log_ratio(z, 5 * parameters)
        np.testing.assert_allclose(found, (beta - prior.logpdf(z)).sum(1), rtol=1e-6, atol=1e-6)


def test_an_encoder_of_zeros_is_the_normal_prior():
    np.testing.assert_allclose(NormalPrior(0.0, 1.0).log_ratio(np.ones((4, 3)), np.zeros((4, 3, 2))), 0.0, atol=1e-5)


def test_priors_follow_from_the_latents():
    one = NormalPrior(0.0, 1.0)
    assert prior_of(Latents(uniform, minval=-2.0)) == IntervalPrior(-2.0, 1.0)
    assert prior_of(NORMAL) == one and prior_of(Latents(normal, stddev=0.5)) == NormalPrior(0.0, 0.5)
    assert prior_of(Latents(truncated_normal)) == IntervalPrior(-2.0, 2.0, one)
    assert prior_of(TruncatedLatents(NORMAL, 0.4)) == IntervalPrior(-0.4, 0.4, one)


def test_layers_are_those_of_the_original():
    network = encoder((64, 64, 3), 64, 0)
    shapes = [tuple(weights.shape) for weights in network.trainable_variables[::2]]
    assert shapes == [(4, 4, 3, 64), (4, 4, 64, 128), (14 * 14 * 128, 1024), (1024, 128)]
    assert network.output_shape == (None, 64, 2)


def test_what_cannot_be_bounded_is_refused():
    small = access(lambda latents, labels: linear(latents)[:, :8], Latents(normal), 2)
    with pytest.raises(ValueError, match=r"gilbo: expected images of at least 10x10 pixels, got 8x12 pixels \(height"):
        gilbo(small, Bound(1, 64), seed=0)
    with pytest.raises(ValueError, match="gilbo.learning_rate: the encoder diverged, expected less than 1e\\+30"):
        measured(linear, num_steps=3, num_images=64, learning_rate=1e30)
    assert dataclasses.asdict(Bound()) == {"num_steps": 1000, "num_images": 10000, "learning_rate": 4e-4}
