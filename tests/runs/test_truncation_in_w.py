"""Truncation in w of a StyleGAN2: in samples, scores and exports; latents are truncated in no other way."""

import types

import numpy as np
import pytest
from support.catalogue import Gan

from compare_gan2.datasets.latents import EvaluationLatents, normal, uniform
from compare_gan2.evaluation.truncation import checked_bounds, truncated
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.checkpoints import Checkpoints
from compare_gan2.runs.sampling import Sampler
from compare_gan2.runs.trained_model import Model
from compare_gan2.runs.truncation_in_w import can_truncate, psi_of, truncation_of
from compare_gan2.training.state import TrainState

CASE = Gan(
    "ModularGAN",
    (
        *("options.architecture = 'stylegan2_arch'", "ModularGAN.conditional = True"),
        *("stylegan2.Generator.w_dim = 8", "stylegan2.Generator.mapping_layers = 1"),
        *("stylegan2.Generator.channel_max = 4", "stylegan2.Discriminator.channel_max = 4"),
        "stylegan2.Discriminator.mapping_layers = 1",
    ),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    state = TrainState(CASE.make())
    state.gan.generator.mapping.w_avg.assign(np.full(8, 0.5))
    path = Checkpoints(folder, state, 1).save()
    latents = EvaluationLatents(distribution_fn=normal)
    sampler = Sampler(CASE.spec(), latents, seed=0)
    sampler.truncation = "none"
    sampler.load(type(folder)(path))
    return Model(sampler, latents, step=0)


def test_psi_moves_images_towards_that_of_the_average(model):
    draw = {"labels": 1, "dtype": "float32"}
    plain, half, little = (model.sample(4, truncation=psi, **draw) for psi in (None, 0.5, 1e-6))
    np.testing.assert_allclose(model.sample(4, truncation=1.0, **draw), plain, atol=1e-6)
    assert np.ptp(little, axis=0).max() < 1e-3 < np.ptp(half, axis=0).max() < np.ptp(plain, axis=0).max()
    np.testing.assert_array_equal(half, model.sample(4, truncation=0.5, truncation_by="w", **draw))
    parts = np.concatenate(
        [images for images, _ in model.batches(20, 1, truncation=0.5, dtype="float32", batch_size=8)]
    )
    np.testing.assert_allclose(parts[:4], half, atol=1e-6)
    ends = model.interpolate(3, 1, 0, 0, truncation=0.5, dtype="float32")
    np.testing.assert_allclose(ends[0], half[0], atol=1e-6)
    np.testing.assert_array_equal(model.draw_latents(4, truncation=0.5), model.draw_latents(4))


@pytest.mark.parametrize("how", ["resample", "clip"])
def test_latents_of_one_length_are_not_truncated(model, how):
    with pytest.raises(ConfigError, match=f"truncation_by: expected 'w' with this generator, .* got '{how}'"):
        model.sample(2, truncation=0.5, truncation_by=how)


def test_other_generators_have_no_w():
    plain = types.SimpleNamespace()
    assert truncation_of(plain, None) == "resample" and psi_of(plain, 0.5, None) is None
    with pytest.raises(ConfigError, match="truncation_by: expected 'resample' or 'clip' .* got 'w'"):
        truncation_of(plain, "w")


def test_scores_truncate_in_w(model):
    sampler = model.sampler
    before, _ = sampler.sample(4, "any")
    assert checked_bounds([0.5, None], sampler) == [0.5, None]
    with pytest.raises(ConfigError, match="--truncation: expected numbers above 0, got -1"):
        checked_bounds(-1, sampler)
    with truncated(sampler, 0.5):
        assert sampler.truncation == "normal(stddev=1.0), w truncated by 0.5"
        inside, _ = sampler.sample(4, "any")
    after, _ = sampler.sample(4, "any")
    np.testing.assert_array_equal(before, after)
    assert np.abs(inside - before).max() > 1e-3


def test_what_can_be_truncated(model):
    plain = types.SimpleNamespace(generator=None, latents=EvaluationLatents(distribution_fn=uniform))
    assert can_truncate(model) and not can_truncate(plain)
    bounded = Model(model.sampler, EvaluationLatents(distribution_fn=uniform))
    assert can_truncate(bounded) and bounded.sample(2, 1, truncation=0.5).shape == (2, 8, 8, 3)
