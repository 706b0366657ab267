"""SSGAN: its losses against NumPy, which starts from the discriminator's logits and features."""

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN
from support.losses_in_numpy import fakes, head, hinge, made, no_draws, one_hot, outputs_of, rotation_loss, with_copies

from compare_gan2.gans import losses
from compare_gan2.gans.penalties import l2_penalty
from compare_gan2.gans.ssgan import SSGAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep


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


def test_prediction_without_heads_is_the_discriminators():
    case, gan = made("SSGAN", *CONDITIONAL_GAN, "SSGAN.rotated_batch_size = 16")
    images, labels = fakes(), one_hot([0, 1, 2, -1, 0, 1, 2, -1])
    np.testing.assert_array_equal(gan.predict(images, labels).logits, outputs_of(gan, images, labels)[0])


def given(**options):
    """An SSGAN on networks of its own, made without a configuration."""
    generator, discriminator = tiny_architecture.Generator((8, 8, 3)), tiny_architecture.Discriminator()
    return SSGAN(generator, discriminator, z_dim=5, batch_size=16, **options)


def test_the_number_of_rotated_images_follows_from_the_part_of_the_batch():
    gan = given(rotated_batch_size=16)
    assert [gan.num_rotated(tf.zeros([size, 8, 8, 3])) for size in (16, 8, 4)] == [4, 2, 1]
    assert given(rotated_batch_size=16, self_supervision=None).num_rotated(tf.zeros([16, 8, 8, 3])) == 0
    gan.check_batch(2, 2)
    with pytest.raises(ConfigError, match=r"multiple of 32 \(4 angles x 4 replicas x 2 parts\), .*, got 16"):
        gan.check_batch(4, 2)
    assert gan.num_rotated(tf.zeros([16, 8, 8, 3])) == 4  # a check leaves nothing behind


def test_the_size_of_the_rotated_batch_has_to_be_given():
    with pytest.raises(ConfigError, match="SSGAN.rotated_batch_size: no value is given"):
        given()


def test_rotation_alone_trains_without_the_adversarial_loss():
    gan = given(rotated_batch_size=16, self_supervision="rotation_only", penalty=l2_penalty, loss=losses.hinge)
    state = TrainState(gan)
    random = np.random.RandomState(0)
    batch = {
        "images": tf.constant(random.random_sample([16, 8, 8, 3]), tf.float32),
        "latents": tf.constant(random.standard_normal([16, 5]), tf.float32),
    }
    scalars = TrainStep(gan, state)((batch,), state.step, StepRandom(0, state.step))
    assert float(scalars["loss/d_0"]) == pytest.approx(float(scalars["loss/c_real_loss"]))
    assert float(scalars["loss/g"]) == pytest.approx(0.2 * float(scalars["loss/c_fake_loss"]))
    assert float(scalars["loss/penalty"]) == 0
