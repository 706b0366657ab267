"""Heads that own the logits: projection and multi-hinge, in training and at inference, in any GAN."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, PREDICTOR
from support.losses_in_numpy import fakes, hinge, made, no_draws, one_hot, outputs_of

from compare_gan2.gans.discriminator_with_heads import DiscriminatorWithHeads, judge_of
from compare_gan2.gans.logits_heads import hinge_of_classes

GANS = {
    "ModularGAN": (),
    "SSGAN": ("SSGAN.rotated_batch_size = 8",),
    "S3GAN": (*PREDICTOR, "S3GAN.project_y = False", "S3GAN.use_predictor = False"),
}


def gan_with(name, gan_class="ModularGAN", *bindings):
    heads = ("loss.fn = @hinge", f"ModularGAN.label_heads = [@{name}()]")
    return made(gan_class, *CONDITIONAL_GAN, *GANS[gan_class], *heads, *bindings)


def no_rotations(gan_class):
    return () if gan_class == "ModularGAN" else (f"{gan_class}.self_supervision = 'none'",)


def in_numpy(gan, images, labels):
    """(logits with the class term, scores of all classes and of "generated")."""
    logits, features = outputs_of(gan, images, labels)
    classes = features @ gan.projection.kernel.numpy().T
    return logits + np.sum(labels * classes, 1, keepdims=True), np.concatenate([classes, -logits], 1)


def multi_hinge(scores, targets):
    values = []
    for row, target in zip(scores, targets, strict=True):
        values.append(max(0.0, 1 + np.max(np.delete(row, target)) - row[target]))
    return np.mean(values)


@pytest.mark.parametrize("gan_class", GANS)
def test_projection(gan_class):
    case, gan = gan_with("projection", gan_class, *no_rotations(gan_class))
    batch = gan.prepare(case.batch())
    real, _ = in_numpy(gan, batch.images, batch.labels.numpy())
    fake, _ = in_numpy(gan, fakes(), batch.sampled_labels.numpy())
    loss, _ = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    assert float(loss) == pytest.approx(hinge(real, fake), rel=1e-5)
    loss, _ = gan.generator_loss(batch, tf.constant(fakes()))
    assert float(loss) == pytest.approx(-np.mean(fake), rel=1e-5)
    np.testing.assert_allclose(gan.judge(batch.images, batch.labels).logits, real, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("gan_class", GANS)
def test_multi_hinge(gan_class):
    case, gan = gan_with("multi_hinge", gan_class, *no_rotations(gan_class))
    batch, labels = gan.prepare(case.batch()), case.batch()["labels"].numpy()
    logits, scores = in_numpy(gan, batch.images, batch.labels.numpy())
    _, of_fakes = in_numpy(gan, fakes(), batch.sampled_labels.numpy())
    known = labels >= 0
    terms = multi_hinge(scores[known], labels[known]), multi_hinge(of_fakes, [3] * 8)
    loss, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    assert float(loss) == pytest.approx(sum(terms), rel=1e-5)
    if gan_class == "S3GAN":
        assert [float(scalars[f"loss/d_{side}"]) for side in ("real", "fake")] == pytest.approx(terms, rel=1e-5)
    else:
        assert float(scalars["loss/d_adversarial"]) == pytest.approx(sum(terms), rel=1e-5)
    loss, _ = gan.generator_loss(batch, tf.constant(fakes()))
    wanted = case.batch()["sampled_labels"].numpy()
    assert float(loss) == pytest.approx(0.05 * multi_hinge(of_fakes, wanted), rel=1e-5)
    np.testing.assert_allclose(gan.judge(batch.images, batch.labels).logits, logits, rtol=1e-4, atol=1e-5)


def test_an_image_without_a_label_has_no_influence():
    case, gan = gan_with("multi_hinge")
    batch, images = gan.prepare(case.batch()), tf.constant(fakes())
    shown = batch.images
    with tf.GradientTape() as tape:
        tape.watch(shown)
        loss, _ = gan.discriminator_loss(batch._replace(images=shown), images, no_draws)
    gradient, known = tape.gradient(loss, shown).numpy(), case.batch()["labels"].numpy() >= 0
    assert not np.any(gradient[~known]) and np.any(gradient[known])
    _, gan = gan_with("projection")
    with tf.GradientTape() as tape:
        logits = gan.judge(batch.images, batch.labels).logits[:, 0]
        unknown = tf.reduce_sum(tf.boolean_mask(logits, ~known))
    assert not np.any(tape.gradient(unknown, gan.projection.kernel.value))


def test_multi_hinge_on_completed_labels():
    """An S3GAN without a projection of its own learns all real images as the class that it predicts."""
    head = ("loss.fn = @hinge", "ModularGAN.label_heads = [@multi_hinge()]", "S3GAN.self_supervision = 'none'")
    case, gan = made("S3GAN", *CONDITIONAL_GAN, *PREDICTOR, "S3GAN.project_y = False", *head)
    batch, labels = gan.prepare(case.batch()), case.batch()["labels"].numpy()
    guesses = gan.predict_labels(batch.images).numpy().argmax(1)
    # The network's own term of a label is of the given one.
    _, scores = in_numpy(gan, batch.images, batch.labels.numpy())
    _, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    expected = multi_hinge(scores, np.where(labels < 0, guesses, labels))
    assert float(scalars["loss/d_real"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["projection", "multi_hinge"])
@pytest.mark.parametrize("gan_class", GANS)
def test_the_class_term_is_there_at_inference_and_is_saved(name, gan_class, tmp_path):
    case, gan = gan_with(name, gan_class)
    images, labels = case.batch()["images"], tf.constant(one_hot([0, 1, 2, -1, 0, 1, 2, -1]))
    expected, _ = in_numpy(gan, images, labels.numpy())
    np.testing.assert_allclose(gan.predict(images, labels).logits, expected, rtol=1e-4, atol=1e-5)
    judge = judge_of(gan)
    assert isinstance(judge, DiscriminatorWithHeads) and judge.projection is gan.projection
    judge.save(tmp_path / "judge.keras")
    loaded = keras.saving.load_model(tmp_path / "judge.keras", safe_mode=True)
    np.testing.assert_allclose(loaded(images, labels).logits, expected, rtol=1e-4, atol=1e-5)


def test_hinge_of_classes():
    scores = tf.constant([[3.0, 1.0, 0.0], [0.5, 1.0, -2.0], [1.0, 1.0, 1.0]])
    targets = tf.constant([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1.0]])
    np.testing.assert_allclose(hinge_of_classes(scores, targets), [0.0, 1.5, 1.0])


@pytest.mark.parametrize("gan_class", ["ModularGAN", "S3GAN"])
def test_penalties_and_regularisers_judge_with_the_class_term(gan_class):
    given = ("penalty.fn = @r1", "options.lamba = 2.0", "ModularGAN.regularizers = [@lecam()]", "lecam.start_step = 0")
    case, gan = gan_with("multi_hinge", gan_class, *given)
    batch = gan.prepare(case.batch())
    images = batch.images
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = gan.predict(images, batch.labels).logits
    expected = 0.5 * np.mean(np.sum(tape.gradient(logits, images).numpy() ** 2, axis=(1, 2, 3)))
    _, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    assert float(scalars["loss/penalty"]) == pytest.approx(expected, rel=1e-4) and "loss/lecam" in scalars
