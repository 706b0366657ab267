"""Losses of SSGAN and S3GAN against NumPy, which starts from the discriminator's logits and features."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
import tiny_architecture
from catalogue import CONDITIONAL_GAN, Gan, filled

NUM_CLASSES = 3


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    tiny_architecture.installed(monkeypatch)


def made(gan_class, *bindings, num_classes=NUM_CLASSES):
    case = Gan(gan_class, bindings, num_classes=num_classes)
    gan = case.make()
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    return case, gan


def fakes(batch_size=8):
    return np.random.RandomState(5).random_sample([batch_size, 8, 8, 3]).astype(np.float32)


def no_draws(shape, purpose):
    raise AssertionError("nothing here is random")


def one_hot(labels):
    vectors = np.zeros([len(labels), NUM_CLASSES], np.float32)
    for row, label in enumerate(labels):
        if label >= 0:
            vectors[row, label] = 1
    return vectors


def with_copies(images, labels, count, labels_of_copies=None):
    turned = [np.rot90(images[-count:], turns, axes=(1, 2)) for turns in (1, 2, 3)] if count else []
    copies = labels if labels_of_copies is None else labels_of_copies
    return np.concatenate([images, *turned]), np.concatenate([labels] + [copies[-count:]] * len(turned))


def softmax(logits):
    exponents = np.exp(logits - logits.max(1, keepdims=True))
    return exponents / exponents.sum(1, keepdims=True)


def outputs_of(gan, images, labels):
    outputs = gan.discriminator(tf.constant(images), None if labels is None else tf.constant(labels), training=False)
    return outputs.logits.numpy(), outputs.features.numpy()


def head(part, features):
    return features @ part.dense.kernel.numpy() + part.dense.bias.numpy()


def rotation_loss(logits, count):
    targets = np.repeat([0, 1, 2, 3], count)
    return -np.mean(np.log(softmax(logits)[range(4 * count), targets] + 1e-10))


def hinge(real, fake):
    return np.mean(np.maximum(1 - real, 0)) + np.mean(np.maximum(1 + fake, 0))


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


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("supervision", ["rotation_gan", "rotation_only", "none"])
@pytest.mark.parametrize("real_labels", [False, True])
def test_ssgan(conditional, supervision, real_labels):
    case, gan = made(
        "SSGAN",
        *(CONDITIONAL_GAN if conditional else ()),
        "loss.fn = @hinge",
        "penalty.fn = @l2_penalty",
        "options.lamba = 0.01",
        f"SSGAN.self_supervision = '{supervision}'",
        "SSGAN.rotated_batch_size = 12",
        "SSGAN.weight_rotation_loss_d = 2.0",
        "SSGAN.weight_rotation_loss_g = 0.3",
        f"SSGAN.rotated_fakes_take_real_labels = {real_labels}",
    )
    count = 0 if supervision == "none" else 3
    batch = {key: value.numpy() for key, value in case.batch().items()}
    real_vectors, fake_vectors = one_hot(batch["labels"]), one_hot(batch["sampled_labels"])
    sides = [
        with_copies(batch["images"], real_vectors, count),
        with_copies(fakes(), fake_vectors, count, real_vectors if real_labels else None),
    ]
    adversarial, rotations = [], []
    for images, labels in sides:
        logits, features = outputs_of(gan, images, labels if conditional else None)
        adversarial.append(logits[:8])
        if count:
            rotations.append(rotation_loss(head(gan.rotation_head, features)[8 - count :], count))
    kernels = [v.numpy() for v in gan.discriminator_variables if v.path.endswith("/kernel")]
    assert len(kernels) == (4 if conditional else 3)
    discriminator = generator = 0.0
    if supervision != "rotation_only":
        discriminator += hinge(*adversarial) + 0.01 * np.mean([0.5 * np.sum(kernel**2) for kernel in kernels])
        generator -= np.mean(adversarial[1])
    if count:
        discriminator += 2.0 * rotations[0]
        generator += 0.3 * rotations[1]
    prepared = gan.prepare(case.batch())
    loss, _ = gan.discriminator_loss(prepared, tf.constant(fakes()), no_draws)
    generator_loss, _ = gan.generator_loss(prepared, tf.constant(fakes()))
    assert float(loss) == pytest.approx(discriminator, rel=1e-5)
    assert float(generator_loss) == pytest.approx(generator, rel=1e-5)


@pytest.mark.parametrize("gan_class", ["ModularGAN", "SSGAN", "S3GAN"])
def test_fakes_meet_the_real_half_where_the_discriminator_has_batch_norm(gan_class):
    """Then the generator's loss depends on the real images of the batch, else not."""
    sizes = {"SSGAN": ["SSGAN.rotated_batch_size = 8"], "S3GAN": ["S3GAN.rotated_batch_fraction = 2"]}
    for norm in ("None", "@batch_norm"):
        bindings = (*CONDITIONAL_GAN, f"D.batch_norm_fn = {norm}", *sizes.get(gan_class, ()))
        case, gan = made(gan_class, *bindings)
        batch = gan.prepare(case.batch())
        other = batch._replace(images=batch.images * 0.1)
        losses = [float(gan.generator_loss(b, tf.constant(fakes()))[0]) for b in (batch, other)]
        assert (losses[0] != losses[1]) == (norm != "None")


def test_split_calls_normalise_real_and_fake_images_apart():
    losses = []
    for split in (False, True):
        case, gan = made(
            "ModularGAN",
            "D.batch_norm_fn = @batch_norm",
            f"ModularGAN.deprecated_split_disc_calls = {split}",
            num_classes=None,
        )
        batch = gan.prepare(case.batch())
        losses.append(float(gan.discriminator_loss(batch, tf.constant(0.1 * fakes()), no_draws)[0]))
        real = gan.discriminator(batch.images, training=True).logits
        fake = gan.discriminator(tf.constant(0.1 * fakes()), training=True).logits
        apart = float(gan.loss.discriminator(real, fake)[0])
        assert (losses[-1] == pytest.approx(apart, rel=1e-5)) == split


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


def test_prediction_without_heads_is_the_discriminators():
    case, gan = made("SSGAN", *CONDITIONAL_GAN, "SSGAN.rotated_batch_size = 16")
    images, labels = fakes(), one_hot([0, 1, 2, -1, 0, 1, 2, -1])
    np.testing.assert_array_equal(gan.predict(images, labels).logits, outputs_of(gan, images, labels)[0])
