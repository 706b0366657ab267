"""Samples whose latents the discriminator moves or accepts: the same bits whatever is drawn beside them."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from support.stub_model import stub_model

import compare_gan2
from compare_gan2.ground.errors import ConfigError
from compare_gan2.runs.accepted_latents import Acceptance, candidate_rows
from compare_gan2.runs.draws import rows_of
from compare_gan2.runs.load import load

CHOICES = {
    "ddls": {"ddls": compare_gan2.DDLS(steps=3, rate=0.2)},
    "drs": {"drs": compare_gan2.DRS(percentile=70, burn_in=40)},
}


@pytest.fixture(scope="module")
def models():
    return {}


@pytest.fixture
def model(trained, models):
    return models.setdefault("model", load(trained.files.path))


@pytest.mark.parametrize("name", CHOICES)
def test_an_image_follows_from_seed_index_and_class(model, name):
    given = {**CHOICES[name], "dtype": "float32"}
    images = model.sample(12, seed=3, **given)
    assert np.any(images != model.sample(12, seed=3, dtype="float32"))
    np.testing.assert_array_equal(model.sample(5, seed=3, **given), images[:5])
    labels = model.label_numbers(None, 12, 3)
    alone = model.sample(2, labels[[9, 4]].tolist(), 3, indices=[9, 4], **given)
    np.testing.assert_array_equal(alone, images[[9, 4]])
    for batch_size in (8, 64):
        parts = [part for part, _ in model.batches(12, seed=3, batch_size=batch_size, **given)]
        np.testing.assert_array_equal(np.concatenate(parts), images)
    np.testing.assert_array_equal(model.sample(1, labels[:1].tolist(), [3], **given), images[:1])


def test_rejection_keeps_likelier_images_and_counts(model):
    before, drs = model.acceptance, compare_gan2.DRS(percentile=90, burn_in=64)
    plain, kept = (model.sample(40, 3, seed=1, dtype="float32", **given) for given in ({}, {"drs": drs}))
    assert model.discriminate(kept, 3).mean() > model.discriminate(plain, 3).mean()
    counts = model.acceptance
    assert counts.accepted - before.accepted == 40 and counts.exhausted == before.exhausted
    assert counts.candidates - before.candidates > 60
    same = [i for i in range(40) if np.array_equal(kept[i], plain[i])]
    assert 0 < len(same) < 40  # the first candidate is the image itself


def test_one_image_that_nothing_is_accepted_for(model, caplog):
    with caplog.at_level("WARNING", logger="compare_gan2"):
        model.sample(4, 3, drs=compare_gan2.DRS(percentile=100, burn_in=500, most=2))
    assert "drs: none of 2 candidates was accepted for " in caplog.text and model.acceptance.exhausted


def test_candidates_draw_for_themselves():
    rows = rows_of(3, [5, 6, 5])
    assert candidate_rows(rows, 0) is rows
    first, second = candidate_rows(rows, 1), candidate_rows(rows, 2)
    assert first[0, 0] == first[2, 0] != first[1, 0] and not set(first[:, 0]) & set(second[:, 0])
    np.testing.assert_array_equal(first[:, 1], rows[:, 1])


def test_acceptance_in_words():
    assert Acceptance(16, 64).in_words() == "16 of 64 candidates accepted (25.0 %)"
    assert (Acceptance(16, 64) + Acceptance(0, 6, 3)).in_words().endswith("(22.9 %), none for 3 images")


@pytest.mark.parametrize(
    "given, message",
    [
        (CHOICES["ddls"] | CHOICES["drs"], "ddls: expected None beside drs"),
        ({"ddls": 100}, r"ddls: expected None or compare_gan2.DDLS\(...\), got 100"),
        ({"drs": compare_gan2.DDLS()}, r"drs: expected None or compare_gan2.DRS\(...\), got DDLS"),
        (CHOICES["ddls"] | {"truncation": 0.7}, "ddls: expected no truncation of latents"),
    ],
)
def test_what_is_refused(model, given, message):
    with pytest.raises(ConfigError, match=message) as caught:
        model.sample(2, **given)
    assert "\n" not in str(caught.value)
    with pytest.raises(ConfigError, match=message):
        model.batches(2, **given)  # at once


def test_rejection_takes_truncated_latents(model):
    images = model.sample(4, 3, truncation=0.5, dtype="float32", **CHOICES["drs"])
    np.testing.assert_array_equal(images[:2], model.sample(2, 3, truncation=0.5, dtype="float32", **CHOICES["drs"]))


@pytest.mark.parametrize(
    "bindings, given, message",
    [
        ({"eval_z.distribution_fn": "@tf.random.uniform"}, "ddls", "ddls: expected normal latents .* has uniform"),
        ({"loss.fn": "@least_squares_lecam"}, "drs", "drs: expected logits that are positive for real images"),
        (["ModularGAN.label_heads = [@projection()]"], "ddls", "ddls: expected logits of the discriminator alone"),
    ],
)
def test_models_that_it_does_not_suit(trained, bindings, given, message):
    other = load(trained.files.path, bindings=bindings)
    with pytest.raises(ConfigError, match=message):
        other.sample(2, 3, **CHOICES[given])


def test_a_discriminator_that_cannot_judge(trained, monkeypatch):
    model = load(trained.files.path)
    monkeypatch.setattr(model.sampler, "judge", lambda: (_ for _ in ()).throw(ValueError("its batch norm is empty")))
    with pytest.raises(ConfigError, match="drs: expected a model with a discriminator .* got another: its batch norm"):
        model.require_choice(**CHOICES["drs"])
    monkeypatch.setattr(model.sampler, "judge", lambda: lambda images, labels, training: Logits(images))
    with pytest.raises(ValueError, match="the discriminator gives logits that are not finite"):
        model.sample(2, **CHOICES["drs"])


class Logits:
    def __init__(self, images):
        self.logits = tf.fill([tf.shape(images)[0], 1], np.nan)


def test_saved_networks(trained, tmp_path, model):
    compare_gan2.export(trained.files.path, tmp_path / "saved", formats=["keras"])
    saved = load(tmp_path / "saved")
    for given in CHOICES.values():
        expected = model.sample(3, 3, seed=2, dtype="float32", **given)
        np.testing.assert_allclose(saved.sample(3, 3, seed=2, dtype="float32", **given), expected, atol=1e-4)
    shutil.move(tmp_path / "saved" / "discriminator.keras", tmp_path / "elsewhere.keras")
    with pytest.raises(ConfigError, match="drs: expected a model with a discriminator .* there is no discriminator.ke"):
        load(tmp_path / "saved").sample(2, 3, **CHOICES["drs"])


def test_without_a_choice_no_discriminator_is_asked_for():
    assert stub_model().sample(2).shape == (2, 4, 4, 1)
