import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import Gan
from support.losses_in_numpy import fakes, made

from compare_gan2.augmentation.flip_translate import FlipTranslate
from compare_gan2.gans.consistency import BalancedConsistency, Consistency, LatentConsistency
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.step import Moment, StepRandom

SIZES = {
    "ModularGAN": ("ModularGAN.conditional = True",),
    "SSGAN": ("SSGAN.rotated_batch_size = 8",),
    "S3GAN": (
        *("ModularGAN.conditional = True", "S3GAN.rotated_batch_fraction = 2"),
        *("S3GAN.project_y = True", "S3GAN.use_predictor = True"),
    ),
}
MOMENT = Moment.of(StepRandom(3, 5), "0")


def judged(gan, images, labels):
    """Logits by the definition: those of inference, since nothing here depends on the mode."""
    return gan.predict(images, labels).logits.numpy()


@pytest.mark.parametrize("gan_class", SIZES)
@pytest.mark.parametrize("balanced", [False, True])
def test_terms_of_the_discriminator(gan_class, balanced):
    name = "bcr" if balanced else "cr"
    case, gan = made(gan_class, *SIZES[gan_class], f"ModularGAN.regularizers = [@{name}()]")
    _, plain = made(gan_class, *SIZES[gan_class])
    batch, images = gan.prepare(case.batch())._replace(moment=MOMENT), tf.constant(fakes())
    loss, scalars = gan.discriminator_loss(batch, images, MOMENT.uniform)
    expected = float(plain.discriminator_loss(batch, images, MOMENT.uniform)[0])
    pairs = {"real": (batch.images, batch.labels)}
    if balanced:
        pairs["fake"] = (images, batch.sampled_labels)
    for kind, (originals, labels) in pairs.items():
        copies = FlipTranslate()(originals, MOMENT.uniform, f"{name}/{kind}")
        assert np.any(copies.numpy() != originals.numpy())
        difference = judged(gan, originals, labels) - judged(gan, copies, labels)
        tag = f"loss/bcr_{kind}" if balanced else "loss/cr"
        assert float(scalars[tag]) == pytest.approx(np.mean(difference**2), rel=1e-3, abs=1e-7)
        expected += 10.0 * np.mean(difference**2)
    assert float(loss) == pytest.approx(expected, rel=1e-3)


def test_near_latents():
    case, gan = made(
        "ModularGAN",
        *SIZES["ModularGAN"],
        "ModularGAN.regularizers = [@zcr()]",
        "zcr.noise = 0.3",
        "zcr.weight_g = 2.0",
    )
    batch = gan.prepare(case.batch())._replace(moment=MOMENT)
    images = gan.generate(batch)
    draws = MOMENT.uniform(batch.latents.shape, "zcr").numpy()
    noise = np.sqrt(2) * tf.math.erfinv(2 * draws - 1).numpy()
    assert abs(noise.std() - 1) < 0.3
    near = gan.generate(batch._replace(latents=batch.latents + 0.3 * noise)).numpy()
    loss, scalars = gan.generator_loss(batch, images)
    distance = np.mean((images.numpy() - near) ** 2)
    assert distance > 1e-4 and float(scalars["loss/zcr_g"]) == pytest.approx(distance, rel=1e-3)
    plain = float(gan.loss.generator(judged(gan, images, batch.sampled_labels)))
    assert float(loss) == pytest.approx(plain - 2.0 * distance, rel=1e-4)
    _, scalars = gan.discriminator_loss(batch, images, MOMENT.uniform)
    difference = judged(gan, images, batch.sampled_labels) - judged(gan, near, batch.sampled_labels)
    assert float(scalars["loss/zcr_d"]) == pytest.approx(np.mean(difference**2), rel=1e-3)


@pytest.mark.parametrize("augmentation", ["@diffaugment()", "@ada()"])
def test_near_latents_are_augmented_alike(augmentation):
    """Latents without noise give equal images and logits, however the images of a batch are augmented."""
    bindings = (f"ModularGAN.augmentation = {augmentation}", "ada.p = 0.8", "ModularGAN.regularizers = [@zcr()]")
    case, gan = made("ModularGAN", *bindings, "zcr.noise = 1e-6")
    batch = gan.prepare(case.batch())._replace(moment=MOMENT)
    images = gan.generate(batch)
    seen, fakes_seen = gan.sees(batch, images, MOMENT.uniform)
    assert np.abs(fakes_seen - images).max() > 0.01
    _, scalars = gan.discriminator_loss(seen, fakes_seen, MOMENT.uniform)
    assert float(scalars["loss/zcr_d"]) < 1e-9
    _, scalars = gan.generator_loss(seen, fakes_seen)
    assert float(scalars["loss/zcr_g"]) < 1e-9


def test_the_generator_learns_from_both_images_of_a_pair():
    """Its gradient equals that of the loss as one function of the weights."""
    from compare_gan2.training.state import TrainState
    from compare_gan2.training.step import TrainStep

    case, gan = made("ModularGAN", "ModularGAN.regularizers = [@zcr(), @orthogonal()]", "orthogonal.weight_g = 0.01")
    batch, random = gan.prepare(case.batch()), StepRandom(3, tf.constant(5, tf.int64))
    with tf.GradientTape() as tape:
        images = gan.generate(batch)
    ours, _ = TrainStep(gan, TrainState(gan)).generator_gradients(batch, images, tape, random)
    with tf.GradientTape() as tape:
        loss, _ = gan.generator_loss(batch._replace(moment=Moment.of(random, "g")), gan.generate(batch))
    expected = tape.gradient(loss, [v.value for v in gan.generator.trainable_variables])
    for actual, wanted in zip(ours, expected, strict=True):
        np.testing.assert_allclose(actual, wanted, rtol=1e-4, atol=1e-5 * np.abs(wanted).max())


def test_without_a_moment_there_are_no_draws():
    case, gan = made("ModularGAN", "ModularGAN.regularizers = [@cr()]")
    with pytest.raises(ValueError, match="draws at random .* Moment"):
        gan.discriminator_loss(gan.prepare(case.batch()), tf.constant(fakes()), MOMENT.uniform)


@pytest.mark.parametrize(
    "make, given", [(Consistency, "weight"), (BalancedConsistency, "weight_fake"), (LatentConsistency, "weight_g")]
)
def test_negative_weights(make, given):
    with pytest.raises(ConfigError, match=f"{given}: expected a number from 0"):
        make(**{given: -1})


def test_bindings():
    given = ("ModularGAN.regularizers = [@bcr()]", "bcr.augment = @flip_translate()", "bcr.weight_real = 2.0")
    _, gan = made("ModularGAN", *given)
    (regularizer,) = gan.regularizers
    assert isinstance(regularizer.augment, FlipTranslate) and regularizer.weight_real == 2.0
    with pytest.raises(ConfigError, match=r"bcr.augment: expected .*@flip_translate\(\).* or None, got 'flip'"):
        made("ModularGAN", given[0], "bcr.augment = 'flip'")
    with pytest.raises(ConfigError, match="at least 8x8 pixels"):
        Gan("ModularGAN", given, image_shape=(4, 4, 1)).make()
