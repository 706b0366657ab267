"""S3GAN: its losses and predictions against NumPy, which starts from the discriminator's logits and features."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, filled
from support.losses_in_numpy import (
    NUM_CLASSES,
    fakes,
    head,
    hinge,
    made,
    no_draws,
    one_hot,
    outputs_of,
    rotation_loss,
    softmax,
    with_copies,
)

from compare_gan2.gans import losses
from compare_gan2.gans.discriminator_with_heads import completed, label_is_available
from compare_gan2.gans.s3gan import S3GAN, class_prediction_loss
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep


def s3gan_in_numpy(gan, case, soft, project, predict, count):
    """(discriminator loss, generator loss, class loss, labelled share)."""
    batch = {key: value.numpy() for key, value in case.batch().items()}
    sides = [
        with_copies(batch["images"], one_hot(batch["labels"]), count),
        with_copies(fakes(), one_hot(batch["sampled_labels"]), count),
    ]
    adversarial, rotations, class_loss = [], [], 0.0
    for images, labels in sides:
        logits, features = outputs_of(gan, images, labels)
        if predict:
            guesses = head(gan.predictor, features)
            guess = softmax(guesses) if soft else np.eye(NUM_CLASSES)[guesses.argmax(1)]
            known = labels.sum(1, keepdims=True) > 0.5
            labels = np.where(known, labels, guess)
        if project:
            logits = logits + np.sum(labels @ gan.projection.kernel.numpy() * features, 1, keepdims=True)
        adversarial.append(logits[:8])
        if count:
            rotations.append(rotation_loss(head(gan.rotation_head, features)[8 - count :], count))
    if predict:
        known = batch["labels"] >= 0
        _, features = outputs_of(gan, batch["images"], one_hot(batch["labels"]))
        chances = softmax(head(gan.predictor, features))
        class_loss = -np.mean(np.log(chances[known, batch["labels"][known]]))
    discriminator = hinge(*adversarial) + 2.0 * (rotations[0] if count else 0) + 0.7 * class_loss
    generator = -np.mean(adversarial[1]) + 0.3 * (rotations[1] if count else 0)
    return discriminator, generator, class_loss, np.mean(batch["labels"] >= 0)


@pytest.mark.parametrize(
    "soft, project, predict, rotate",
    [(False, *rest) for rest in itertools.product([False, True], repeat=3) if rest[0] or not rest[1]]
    + [(True, True, True, True), (True, True, True, False)],
)
def test_s3gan(soft, project, predict, rotate):
    case, gan = made(
        "S3GAN",
        *CONDITIONAL_GAN,
        "loss.fn = @hinge",
        f"S3GAN.self_supervision = '{'rotation' if rotate else 'none'}'",
        "S3GAN.rotated_batch_fraction = 1",
        "S3GAN.weight_rotation_loss_d = 2.0",
        "S3GAN.weight_rotation_loss_g = 0.3",
        "S3GAN.weight_class_loss = 0.7",
        f"S3GAN.project_y = {project}",
        f"S3GAN.use_predictor = {predict}",
        f"S3GAN.use_soft_pred = {soft}",
    )
    assert np.any(case.batch()["labels"] == -1) and np.any(case.batch()["labels"] >= 0)
    expected = s3gan_in_numpy(gan, case, soft, project, predict, count=2 if rotate else 0)
    batch = gan.prepare(case.batch())
    loss, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    assert float(loss) == pytest.approx(expected[0], rel=1e-5)
    generator_loss, generator_scalars = gan.generator_loss(batch, tf.constant(fakes()))
    assert float(generator_loss) == pytest.approx(expected[1], rel=1e-5)
    if predict:
        assert float(scalars["loss/class_loss_real"]) == pytest.approx(expected[2], rel=1e-5)
        assert float(scalars["label_frac"]) == expected[3] == 0.5
    assert ("loss/real_loss" in scalars) == ("loss/fake_loss" in generator_scalars) == rotate


def test_s3gan_without_any_label_has_no_class_loss():
    bindings = (*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 1", "S3GAN.project_y = True")
    case, gan = made("S3GAN", *bindings, "S3GAN.use_predictor = True")
    batch = gan.prepare({**case.batch(), "labels": tf.fill([8], -1)})
    with tf.GradientTape() as tape:
        _, scalars = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
        class_loss = scalars["loss/class_loss_real"]
    assert float(class_loss) == 0 and float(scalars["label_frac"]) == 0
    gradient = tape.gradient(class_loss, gan.predictor.dense.kernel.value)
    assert not np.any(gradient)


def test_the_predictor_learns_from_labels_only():
    """Its guesses take part in the adversarial loss, which must not change it."""
    bindings = (*CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 1", "S3GAN.project_y = True")
    predicting = (*bindings, "S3GAN.use_predictor = True", "S3GAN.use_soft_pred = True")
    case, gan = made("S3GAN", *predicting, "S3GAN.weight_class_loss = 0.0")
    batch = gan.prepare(case.batch())
    with tf.GradientTape() as tape:
        loss, _ = gan.discriminator_loss(batch, tf.constant(fakes()), no_draws)
    kernels = [gan.predictor.dense.kernel.value, gan.projection.kernel.value]
    predictor, projection = tape.gradient(loss, kernels)
    assert not np.any(predictor) and np.any(projection)


def test_s3gan_takes_label_vectors_of_the_dataset():
    case, gan = made("S3GAN", *CONDITIONAL_GAN, "S3GAN.rotated_batch_fraction = 2", "S3GAN.use_soft_labels = True")
    soft = tf.random.stateless_uniform([8, NUM_CLASSES], [0, 1])
    np.testing.assert_array_equal(gan.prepare({**case.batch(), "labels": soft}).labels, soft)


@pytest.mark.parametrize("soft", [False, True])
def test_prediction_of_s3gan_completes_labels_and_adds_the_projection(soft):
    bindings = ["S3GAN.rotated_batch_fraction = 1", "S3GAN.project_y = True", "S3GAN.use_predictor = True"]
    case, gan = made("S3GAN", *CONDITIONAL_GAN, *bindings, f"S3GAN.use_soft_pred = {soft}")
    images, labels = fakes(), one_hot([-1, 0, 1, 2, -1, -1, 0, 1])
    before = {v.path: v.numpy() for part in (gan.discriminator, *gan.heads) for v in part.variables}
    outputs = gan.predict(tf.constant(images), tf.constant(labels))
    logits, features = outputs_of(gan, images, labels)
    scores = head(gan.predictor, features)
    guessed = softmax(scores) if soft else np.eye(NUM_CLASSES)[scores.argmax(1)]
    completed = np.where(labels.sum(1, keepdims=True) > 0, labels, guessed)
    expected = logits + np.sum((completed @ gan.projection.kernel.numpy()) * features, axis=1, keepdims=True)
    np.testing.assert_allclose(outputs.logits, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(outputs.probability, 1 / (1 + np.exp(-expected)), rtol=1e-4, atol=1e-6)
    assert all(np.array_equal(v, before[v.path]) for p in (gan.discriminator, *gan.heads) for v in p.variables)


def given(**options):
    """An S3GAN on networks of its own, made without a configuration."""
    generator, discriminator = tiny_architecture.Generator((8, 8, 3)), tiny_architecture.Discriminator()
    return S3GAN(generator, discriminator, num_classes=3, conditional=True, z_dim=5, batch_size=16, **options)


def test_s3gan_needs_no_configuration():
    """As in a notebook: `S3GAN(..., loss=hinge)`."""
    gan = given(loss=losses.hinge, rotated_batch_fraction=2, project_y=True, use_predictor=True)
    gan.check_batch(2)
    state = TrainState(gan)
    assert [head.name for head in gan.heads] == [
        "discriminator_rotation",
        "discriminator_predictor",
        "discriminator_projection",
    ]
    random = np.random.RandomState(0)
    batch = {
        "images": tf.constant(random.random_sample([16, 8, 8, 3]), tf.float32),
        "latents": tf.constant(random.standard_normal([16, 5]), tf.float32),
        "labels": tf.constant(random.randint(-1, 3, 16), tf.int32),
        "sampled_labels": tf.constant(random.randint(0, 3, 16), tf.int32),
    }
    scalars = TrainStep(gan, state)((batch,), state.step, StepRandom(0, state.step))
    assert all(np.isfinite(value) for value in scalars.values())
    assert {"loss/d_real", "loss/d_fake", "loss/real_loss", "loss/fake_loss", "loss/class_loss_real"} < scalars.keys()


def test_the_number_of_rotated_images_follows_from_the_part_of_the_batch():
    gan = given(rotated_batch_fraction=2)
    assert [gan.num_rotated(tf.zeros([size, 8, 8, 3])) for size in (16, 8)] == [2, 1]
    assert given(rotated_batch_fraction=2, self_supervision="none").num_rotated(tf.zeros([16, 8, 8, 3])) == 0
    gan.check_batch(1, 2)
    with pytest.raises(ConfigError, match=r"each of the 4 parts \(accumulate_steps\) of the batch of a replica \(4\)"):
        gan.check_batch(1, 4)
    assert gan.num_rotated(tf.zeros([16, 8, 8, 3])) == 2  # a check leaves nothing behind


def test_the_rotated_fraction_has_to_be_given():
    with pytest.raises(ConfigError, match="S3GAN.rotated_batch_fraction: no value is given"):
        given()


def test_the_predictor_gives_probabilities_of_classes():
    gan = given(rotated_batch_fraction=2, project_y=True, use_predictor=True)
    gan.build()
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    images = fakes(5)
    expected = softmax(head(gan.predictor, outputs_of(gan, images, np.zeros([5, 3], np.float32))[1]))
    np.testing.assert_allclose(gan.predict_labels(tf.constant(images)), expected, rtol=1e-4, atol=1e-6)


def test_labels_are_available_where_a_row_is_not_all_zeros():
    labels = tf.constant([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.3, 0.3, 0.4]])
    assert label_is_available(labels).numpy().tolist() == [[1.0], [0.0], [1.0]]


WEIGHED = ("S3GAN.project_y = True", "S3GAN.use_predictor = True", "S3GAN.use_soft_labels = True")


def test_weighed_labels_share_the_projection_with_the_predictor_and_weigh_its_loss():
    bindings = ("S3GAN.rotated_batch_fraction = 1", *WEIGHED, "S3GAN.weigh_labels = True")
    case, gan = made("S3GAN", *CONDITIONAL_GAN, *bindings)
    soft = np.float32([[0.6, 0.3, 0.1], [0.2, 0.1, 0.7], [0.0, 1.0, 0.0]] * 2 + [[0.4, 0.35, 0.25], [1 / 3] * 3])
    labels = gan.prepare({**case.batch(), "labels": tf.constant(soft)}).labels
    weights = soft.max(axis=1)
    np.testing.assert_allclose(labels, np.eye(3, dtype=np.float32)[soft.argmax(axis=1)] * weights[:, None])
    np.testing.assert_allclose(label_is_available(labels)[:, 0], weights, rtol=1e-6)
    logits = np.random.RandomState(0).normal(size=(8, 3)).astype(np.float32)
    guesses = np.eye(3)[logits.argmax(axis=1)] * (1 - weights[:, None])
    np.testing.assert_allclose(completed(labels, tf.constant(logits), False), labels + guesses, atol=1e-6)
    loss, share, _ = class_prediction_loss(tf.constant(logits), labels)
    of_rows = -np.log(softmax(logits)[np.arange(8), soft.argmax(axis=1)])
    assert float(loss) == pytest.approx(np.sum(weights * of_rows) / np.sum(weights), rel=1e-5)
    assert float(share) == pytest.approx(weights.mean(), rel=1e-6)


def test_certain_labels_weigh_as_known_ones_do():
    losses = []
    for further in (("S3GAN.use_soft_labels = False",), ("S3GAN.weigh_labels = True",)):
        bindings = ("S3GAN.rotated_batch_fraction = 1", *WEIGHED, *further)
        case, gan = made("S3GAN", *CONDITIONAL_GAN, *bindings)
        given_labels = np.array([0, 1, 2, 0, 1, 2, 2, 1], np.int32)
        soft = tf.one_hot(given_labels, 3) if gan.use_soft_labels else tf.constant(given_labels)
        loss, _ = gan.discriminator_loss(gan.prepare({**case.batch(), "labels": soft}), tf.constant(fakes()), no_draws)
        losses.append(float(loss))
    assert losses[0] == losses[1]
