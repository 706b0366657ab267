"""What every GAN shares: networks given from outside, the real half of a batch, split calls, prediction."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, filled
from support.losses_in_numpy import fakes, made, no_draws

from compare_gan2.gans import losses
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.penalties import wgangp_penalty
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.optimizers import adam, gradient_descent
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep


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


def networks(num_classes=None, batch_norm_fn=None):
    """Networks of tiny_architecture.py that have no variables yet."""
    generator = tiny_architecture.Generator((8, 8, 3), batch_norm_fn=batch_norm_fn)
    return generator, tiny_architecture.Discriminator()


def batch_of(gan, seed=0):
    random = np.random.RandomState(seed)
    shape = (gan.batch_size, *gan.image_shape)
    batch = {
        "images": tf.constant(random.random_sample(shape), tf.float32),
        "latents": tf.constant(random.standard_normal([gan.batch_size, gan.z_dim]), tf.float32),
    }
    if gan.conditional:
        labels = tf.constant(random.randint(0, gan.num_classes, gan.batch_size), tf.int32)
        batch |= {"labels": labels, "sampled_labels": labels}
    return batch


def test_a_gan_needs_no_configuration():
    """As in a notebook: networks, loss and options are given as they are."""
    gan = ModularGAN(*networks(), z_dim=5, batch_size=4, loss=losses.hinge, g_lr=0.01)
    assert gan.image_shape == (8, 8, 3) and not gan.built
    assert not gan.generator.variables and not gan.discriminator.variables
    state = TrainState(gan)
    assert gan.built and gan.generator.get_build_config() == {"z_dim": 5, "num_classes": None}
    batch = gan.prepare(batch_of(gan))
    images = gan.generate(batch)
    expected = losses.hinge.discriminator(*(gan.predict(part).logits for part in (batch.images, images)))[0]
    scalars = TrainStep(gan, state)((batch_of(gan),), state.step, StepRandom(0, state.step))
    assert float(scalars["loss/d_0"]) == pytest.approx(float(expected), rel=1e-5)
    assert scalars.keys() == {"loss/d_0", "loss/g", "loss/penalty"}


def test_two_gans_side_by_side_share_nothing():
    first = ModularGAN(*networks(), z_dim=5, batch_size=4, loss=losses.hinge)
    second = ModularGAN(*networks(), z_dim=6, batch_size=8, loss=losses.wasserstein, penalty=wgangp_penalty, g_lr=0.5)
    states = [TrainState(gan) for gan in (first, second)]
    before = [variable.numpy() for variable in states[1].variables().values()]
    TrainStep(first, states[0])((batch_of(first),), states[0].step, StepRandom(0, states[0].step))
    for variable, value in zip(states[1].variables().values(), before, strict=True):
        np.testing.assert_array_equal(variable, value)
    assert (first.loss, second.loss) == (losses.Hinge, losses.Wasserstein)
    assert (first.z_dim, second.z_dim) == (5, 6)
    assert [float(state.g_optimizer.learning_rate) for state in states] == pytest.approx([0.0002, 0.5])


def test_variables_are_made_once():
    gan = ModularGAN(*networks(), z_dim=5, batch_size=4)
    gan.build_generator()
    assert gan.generator.variables and not gan.discriminator.variables and not gan.built
    kernel = gan.generator.fc_noise.kernel
    gan.build()
    built = [variable.path for variable in gan.discriminator.variables]
    gan.build()
    assert gan.generator.fc_noise.kernel is kernel
    assert [variable.path for variable in gan.discriminator.variables] == built


def test_optimizers_are_new_ones_with_their_rates():
    gan = ModularGAN(*networks(), g_lr=0.25, d_lr=0.5, g_optimizer_fn=adam, d_optimizer_fn=gradient_descent)
    first, second = gan.make_optimizers(), gan.make_optimizers()
    assert not {id(optimizer) for optimizer in first} & {id(optimizer) for optimizer in second}
    assert [optimizer.name for optimizer in first] == ["g_opt", "d_opt"]
    assert isinstance(first[0], keras.optimizers.Adam) and isinstance(first[1], keras.optimizers.SGD)
    assert [float(optimizer.learning_rate) for optimizer in first] == [0.25, 0.5]
    same = ModularGAN(*networks(), g_lr=0.25, g_optimizer_fn=gradient_descent).make_optimizers()
    assert [(type(o), float(o.learning_rate)) for o in same] == [(keras.optimizers.SGD, 0.25)] * 2


@pytest.mark.parametrize("weight", [1.0, 10.0])
def test_the_penalty_counts_with_its_weight(weight):
    def constant_penalty(**_):
        return tf.constant(0.5)

    plain = ModularGAN(*networks(), z_dim=5, batch_size=4)
    gan = ModularGAN(*networks(), z_dim=5, batch_size=4, penalty=constant_penalty, penalty_weight=weight)
    results = []
    for each in (plain, gan):
        each.build()
        for part in (each.generator, each.discriminator):
            filled(part)
        batch = each.prepare(batch_of(each))
        loss, scalars = each.discriminator_loss(batch, each.generate(batch), no_draws)
        results.append((float(loss), float(scalars["loss/penalty"])))
    assert results[0][1] == 0 and results[1][1] == 0.5
    assert results[1][0] - results[0][0] == pytest.approx(0.5 * weight, rel=1e-5)


def test_a_penalty_of_another_kind_is_refused():
    with pytest.raises(ConfigError, match="penalty.fn: expected a function of discriminate, images, .*, got @<lambda>"):
        ModularGAN(*networks(), penalty=lambda images: 0)


def test_judging_real_images_changes_no_number():
    ends = []
    for judge in (False, True):
        gan = ModularGAN(*networks(), z_dim=5, batch_size=4, judge_real_images=judge)
        gan.build()
        calls, call = [], gan.discriminator.call
        gan.discriminator.call = lambda images, *a, calls=calls, call=call, **k: (
            calls.append(images.shape[0]) or call(images, *a, **k)
        )
        for part in (gan.generator, gan.discriminator):
            filled(part)
        batch = gan.prepare(batch_of(gan))
        ends.append(float(gan.generator_loss(batch, tf.constant(fakes(4)))[0]))
        assert calls == [8 if judge else 4]
    assert ends[1] == pytest.approx(ends[0], rel=1e-6)


@pytest.mark.parametrize(
    "options, batches",
    [({}, 1), ({"disc_iters": 3}, 3), ({"disc_iters": 3, "experimental_force_graph_unroll": True}, 4)],
)
def test_batches_of_a_step(options, batches):
    assert ModularGAN(*networks(), **options).batches_per_step == batches


@pytest.mark.parametrize(
    "options, given, message",
    [
        ({"batch_size": 8}, (3,), "options.batch_size: expected a multiple of the 3 replicas, got 8"),
        ({"batch_size": 8}, (2, 3), r"accumulate_steps: expected options.batch_size \(8\) .* 2 replicas .*, got 3"),
    ],
)
def test_batches_that_cannot_be_cut(options, given, message):
    with pytest.raises(ConfigError, match=message):
        ModularGAN(*networks(), **options).check_batch(*given)
    ModularGAN(*networks(), **options).check_batch(2, 2)


def test_labels_become_vectors_and_zeros_where_unknown():
    gan = ModularGAN(*networks(), num_classes=3, conditional=True, batch_size=4)
    given = {"images": tf.zeros([2, 8, 8, 3]), "latents": tf.zeros([2, 5]), "labels": [2, -1], "sampled_labels": [0, 1]}
    batch = gan.prepare(given)
    assert batch.labels.numpy().tolist() == [[0, 0, 1], [0, 0, 0]]
    assert batch.sampled_labels.numpy().tolist() == [[1, 0, 0], [0, 1, 0]]
    unconditional = ModularGAN(*networks(), num_classes=3, batch_size=4)
    assert unconditional.num_classes is None and unconditional.prepare(given).labels is None


def test_a_network_that_does_not_fit_is_a_configuration_error():
    generator = tiny_architecture.Generator((8, 8, 3), spectral_norm=True)
    gan = ModularGAN(generator, tiny_architecture.Discriminator(), image_shape=(8, 8, 3), num_classes=3, z_dim=5)

    def build(images_shape, labels_shape=None):
        raise ValueError("images must be larger")

    gan.discriminator.build = build
    with pytest.raises(ConfigError, match="images must be larger"):
        gan.build()
    with pytest.raises(ConfigError, match="ModularGAN.conditional: True needs a dataset with labels"):
        ModularGAN(*networks(), conditional=True)
