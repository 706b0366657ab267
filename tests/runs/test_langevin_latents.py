"""DDLS on networks of convolutions, whose gradients of few rows are rounded otherwise."""

import types

import numpy as np
import pytest
from support.catalogue import NETWORKS

from compare_gan2.datasets.latents import EvaluationLatents, normal
from compare_gan2.gans.ddls import DDLS
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.draws import rows_of
from compare_gan2.runs.langevin_latents import ROWS, LangevinLatents


def small_model():
    case = NETWORKS["sndcgan"]
    generator, discriminator = case.make()
    return types.SimpleNamespace(
        generator=generator,
        sampler=types.SimpleNamespace(gan=object(), judge=lambda: discriminator),
        latents=EvaluationLatents(distribution_fn=normal),
        z_dim=case.z_dim,
        label_vectors=lambda numbers: None,
    )


def test_latents_beyond_all_numbers_name_the_rate():
    model = small_model()
    move = LangevinLatents(model, DDLS(steps=2, rate=1e38), None, None, None)
    with pytest.raises(ConfigError, match="ddls: latents are NaN or infinite after 2 steps; expected a smaller rate"):
        move(np.ones([2, model.z_dim], np.float32), None, rows_of(2, 0), 8)


def test_without_noise_steps_lower_the_energy_of_every_image():
    """Which is half the squared length of its latents minus its logit."""
    model = small_model()
    move = LangevinLatents(model, DDLS(steps=10, rate=0.1, noise=0.0), None, None, None)
    latents = 2 * np.random.RandomState(0).standard_normal([8, model.z_dim]).astype(np.float32)
    discriminator = model.sampler.judge()

    def energies(latents):
        logits = discriminator(model.generator(latents, None, training=False), None, training=False).logits
        return np.sum(np.square(latents), axis=1) / 2 - np.asarray(logits)[:, 0]

    moved = move(latents, None, rows_of(8, 0), 8)
    assert np.all(energies(moved) < energies(latents) - 0.1)


def test_the_same_bits_beside_any_others():
    model = small_model()
    move = LangevinLatents(model, DDLS(steps=2, rate=0.5), None, None, None)
    count = ROWS + 1
    latents, rows = np.random.RandomState(0).standard_normal([count, model.z_dim]).astype(np.float32), rows_of(count, 0)
    move_rows = lambda chosen: move(latents[chosen], None, rows[chosen], 8)  # noqa: E731
    moved = move(latents, None, rows, 64)
    assert np.abs(moved - latents).max(axis=1).min() > 0
    for chosen in ([1], [ROWS, 3, 5]):
        np.testing.assert_array_equal(move_rows(chosen), moved[chosen])
