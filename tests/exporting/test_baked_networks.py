"""Copies of networks compute what the networks do, without spectral norm."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import NETWORKS
from support.saved_model_folders import built, saved_model_of

from compare_gan2.exporting.baked_networks import baked, baked_networks
from compare_gan2.ground.errors import ConfigError
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.spectral_norm import SpectralNorm
from compare_gan2.layers.weighted import folding


def test_a_network_that_is_folded_already():
    generator = NETWORKS["sndcgan"].generator()
    latents, _, _ = NETWORKS["sndcgan"].values(2)
    expected = generator(latents, training=False)
    with folding(generator):
        pass
    np.testing.assert_allclose(baked(generator)(latents, training=False), expected, atol=1e-6)


def test_a_model_is_left_as_it_is(model, networks):
    before = [variable.numpy() for variable in model.generator.variables]
    for variable in networks.generator.variables:
        variable.assign(tf.zeros_like(variable))
    for value, variable in zip(before, model.generator.variables, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_heads_are_baked_too(conditional):
    networks = baked_networks(conditional)
    assert inner_layers(conditional.sampler.judge(), SpectralNorm) and not inner_layers(networks.judge, SpectralNorm)
    assert networks.judge.use_soft_pred and networks.predicts_labels and not networks.left_out


def test_what_a_model_lacks_is_said(models, tmp_path):
    lacking = baked_networks(models["unconditional"]).left_out
    assert lacking == {"predict_labels": "the model has no predictor of labels"}
    alone = saved_model_of(built("modular"), tmp_path, discriminator=False)
    networks = baked_networks(alone)
    assert networks.judge is None and not networks.predicts_labels
    assert networks.left_out["discriminate"] == f"there is no discriminator.keras in {tmp_path}"


def test_a_network_without_its_configuration_is_refused(model, monkeypatch):
    monkeypatch.setattr(type(model.generator), "get_config", lambda self: {"batch_norm_fn": None, "no_such": 1})
    with pytest.raises(ConfigError, match="export: Generator cannot be made from its get_config()"):
        baked(model.generator)
