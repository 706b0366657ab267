"""Langevin dynamics of latents: what they converge to, their schedule, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2.gans.ddls import DDLS
from compare_gan2.ground.errors import ConfigError


def test_it_samples_the_density_that_the_discriminator_corrects():
    """With the logit a z a normal latent of deviation s becomes normal around s^2 a, of the same deviation."""
    slope, stddev, random = 1.5, 0.8, np.random.RandomState(0)
    latents = tf.constant(random.standard_normal([4000, 1]) * stddev, tf.float32)
    options = DDLS(steps=60, rate=0.1)
    for step in range(options.steps):
        noise = tf.constant(random.standard_normal([4000, 1]), tf.float32)
        latents = options.after_step(latents, lambda z: slope * z, noise, *options.schedule(step), stddev)
    assert float(tf.reduce_mean(latents)) == pytest.approx(stddev**2 * slope, abs=0.06)
    assert float(tf.math.reduce_std(latents)) == pytest.approx(stddev, abs=0.04)


def test_energy_is_minus_the_logarithm_of_the_density():
    latents = tf.constant([[0.3, -1.0]])
    energy, slope = DDLS().energy(latents, lambda z: tf.reduce_sum(z, axis=1, keepdims=True), stddev=2.0)
    density = np.prod(np.exp(-0.5 * np.array([0.3, -1.0]) ** 2 / 4) / np.sqrt(2 * np.pi * 4))
    assert float(energy[0]) == pytest.approx(-np.log(density) + 0.7, rel=1e-5)
    np.testing.assert_allclose(slope, [[0.3 / 4 - 1, -1.0 / 4 - 1]], rtol=1e-5)


def test_a_decay_is_of_the_rate_and_named_for_more():
    options = DDLS(rate=0.04, decay=0.25, decay_steps=10, noise=0.5)
    assert options.schedule(9) == pytest.approx((0.04, np.sqrt(0.02)))
    assert options.schedule(10) == pytest.approx((0.01, np.sqrt(0.005)))
    again = DDLS(rate=0.04, decay=0.25, decay_steps=10, noise=0.5, as_in_studiogan=True)
    assert again.schedule(10) == pytest.approx((0.01, 0.25 * np.sqrt(0.005)))
    assert DDLS().schedule(100_000) == pytest.approx((0.01, 0.1))


@pytest.mark.parametrize(
    "values, message",
    [
        ({"steps": 0}, "ddls.steps: expected a whole number from 1 .* got 0"),
        ({"rate": -0.1}, "ddls.rate: expected a number above 0 .* got -0.1"),
        ({"noise": -1.0}, "ddls.noise: expected a number from 0 .* got -1.0"),
        ({"decay": 1.0}, "ddls.decay: expected a number above 0 and below 1 or None, got 1.0"),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(ConfigError, match=message):
        DDLS(**values)
