"""The discriminator of an S3GAN with its heads as one network."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import GANS
from support.saved_model_folders import built

from compare_gan2.gans.discriminator_with_heads import DiscriminatorWithHeads, heads_of, judge_of

CASES = {"s3gan": True, "s3gan_reusing_fakes": True, "no_predictor": False}


def gan_of(name):
    if name == "no_predictor":
        return built("s3gan", "S3GAN.use_predictor = False")
    return built(name)


@pytest.mark.parametrize("name", CASES)
def test_it_computes_what_the_gan_predicts_and_is_saved_whole(name, tmp_path):
    gan = gan_of(name)
    judge = judge_of(gan)
    assert isinstance(judge, DiscriminatorWithHeads) and (judge.predictor is not None) == CASES[name]
    batch = GANS["s3gan"].batch()
    images, labels = batch["images"], tf.one_hot(batch["labels"], 3)
    expected = gan.predict(images, labels).logits
    assert np.abs(expected - gan.discriminator(images, labels).logits).max() > 1e-3  # the heads count
    judge.save(tmp_path / "judge.keras")
    loaded = keras.saving.load_model(tmp_path / "judge.keras", safe_mode=True)
    for network in (judge, loaded):
        np.testing.assert_allclose(network(images, labels).logits, expected, atol=1e-5)
        if CASES[name]:
            np.testing.assert_allclose(network.predict_labels(images), gan.predict_labels(images), atol=1e-5)


@pytest.mark.parametrize("name", ["modular", "ssgan"])
def test_other_gans_have_no_such_heads(name):
    gan = built(name)
    assert heads_of(gan) == {} and judge_of(gan) is gan.discriminator
