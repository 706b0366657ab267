"""Losses, penalties and regularisers together: what excludes each other, when they count, what they cost if off."""

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_architecture
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL, Gan, filled
from support.losses_in_numpy import fakes, made, no_draws

from compare_gan2.config.declare import configurable
from compare_gan2.gans.lecam import LeCam
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.gans.objective import Objective
from compare_gan2.gans.penalties import no_penalty
from compare_gan2.gans.regularizers import Regularizer, Term
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import Moment, StepRandom, TrainStep


@pytest.mark.parametrize(
    "bindings, message",
    [
        (
            ["ModularGAN.regularizers = [@lecam(), @lecam()]"],
            r"ModularGAN.regularizers: expected each once, got @lecam\(\) 2 times",
        ),
        (
            ["ModularGAN.regularizers = [@cr(), @bcr()]"],
            r"ModularGAN.regularizers: expected @bcr\(\) or @cr\(\), got both",
        ),
        (
            ["loss.fn = @ragan_hinge", "loss.top_k = @topk()", "topk.steps_per_epoch = 5"],
            "loss.top_k: expected a loss with a value for each example, .*, got @ragan_hinge; bind loss.top_k = None",
        ),
        (
            ["loss.top_k = @topk()", "topk.steps_per_epoch = 5", "topk.least_share = 0.01"],
            "topk.least_share: expected at least one of the 8 examples",
        ),
        (
            [
                *("ModularGAN.regularizers = [@feature_matching()]", "loss.top_k = @topk()"),
                "topk.steps_per_epoch = 5",
            ],
            r"loss.top_k: expected None with @feature_matching\(\), which takes the place",
        ),
        (["ModularGAN.regularizers = [@lecam]"], r"ModularGAN.regularizers: expected .*@lecam\(\).*, got \[@lecam\]"),
        (["ModularGAN.regularizers = @lecam()"], r"expected a list of .*, got @lecam\(\)"),
        (["ModularGAN.regularizers = [@lecam()]", "lecam.weight = -1"], "lecam.weight: expected .*, got -1"),
        (["penalty.fn = @r1", "penalty.every = 0"], "penalty.every: expected a whole number from 1"),
    ],
)
def test_what_cannot_be_made(bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Gan("ModularGAN", tuple(bindings)).make()
    assert "\n" not in str(caught.value)


def test_no_terms_of_logits_that_nothing_trains():
    given = ("SSGAN.self_supervision = 'rotation_only'", "SSGAN.rotated_batch_size = 8")
    with pytest.raises(ConfigError, match=r"regularizers: expected none with .*'rotation_only'.*got \[@lecam\(\)\]"):
        Gan("SSGAN", (*given, "ModularGAN.regularizers = [@lecam()]")).make()


@pytest.mark.parametrize(
    "bindings, named",
    [
        (["ModularGAN.regularizers = [@orthogonal(), @lecam()]"], r"ModularGAN.regularizers = \[@lecam\(\)\]"),
        (["ModularGAN.regularizers = [@feature_matching()]"], r"ModularGAN.regularizers = \[@feature_matching\(\)\]"),
        (["loss.fn = @ragan_logistic"], "loss.fn = @ragan_logistic"),
        (["penalty.fn = @max_gp"], "penalty.fn = @max_gp"),
        (["loss.top_k = @topk()", "topk.steps_per_epoch = 5"], "loss.top_k"),
    ],
)
def test_what_is_of_the_whole_batch_is_not_accumulated(bindings, named):
    gan = Gan("ModularGAN", tuple(bindings)).make()
    with pytest.raises(ConfigError, match=f"run_config.accumulate_steps: expected 1 with {named}, .*, got 2"):
        gan.check_batch(num_replicas=1, accumulate_steps=2)
    gan.check_batch(num_replicas=2)


def test_what_is_of_single_examples_is_accumulated():
    given = ("loss.fn = @rpgan", "penalty.fn = @r1_r2", "ModularGAN.regularizers = [@bcr(), @zcr(), @orthogonal()]")
    Gan("ModularGAN", given).make().check_batch(num_replicas=2, accumulate_steps=2)


@pytest.mark.parametrize(
    "bindings, reason", [(["penalty.fn = @max_gp"], "this penalty"), (["D.batch_norm_fn = @batch_norm"], "batch norm")]
)
def test_lazy_penalties_do_not_exchange_values(bindings, reason):
    gan = Gan("ModularGAN", ("penalty.fn = @r1", "penalty.every = 4", *bindings)).make()
    with pytest.raises(ConfigError, match=f"penalty.every: expected 1 with 2 replicas and {reason}.*, got 4"):
        gan.check_batch(num_replicas=2)


def test_penalties_that_differentiate_are_not_rematerialised():
    for name in ("r1", "r2", "r1_r2", "max_gp", "wgangp_penalty"):
        gan = Gan("ModularGAN", (f"penalty.fn = @{name}",)).make()
        with pytest.raises(ConfigError, match=f"run_config.remat: .* got penalty.fn = @{name}"):
            gan.rematerialize()


@pytest.mark.parametrize("gan_class", ["ModularGAN", "SSGAN", "S3GAN"])
def test_a_lazy_penalty_counts_in_some_steps_and_as_many_times(gan_class):
    sizes = {
        "SSGAN": ["SSGAN.rotated_batch_size = 8"],
        "S3GAN": ["S3GAN.rotated_batch_fraction = 2", "ModularGAN.conditional = True"],
    }.get(gan_class, [])
    case, always = made(gan_class, *sizes, "penalty.fn = @r1", "options.lamba = 0.5")
    _, lazy = made(gan_class, *sizes, "penalty.fn = @r1", "options.lamba = 0.5", "penalty.every = 3")
    _, never = made(gan_class, *sizes)
    images, plain = tf.constant(fakes()), {}
    for step in range(5):
        batch = always.prepare(case.batch())._replace(moment=Moment(tf.constant(step, tf.int64)))
        ends = [float(gan.discriminator_loss(batch, images, no_draws)[0]) for gan in (never, always, lazy)]
        plain, penalty, scaled = ends[0], ends[1] - ends[0], ends[2] - ends[0]
        assert penalty > 1e-3
        assert scaled == pytest.approx(3 * penalty if step % 3 == 0 else 0, rel=1e-3, abs=1e-5), plain


@pytest.mark.parametrize("gan_class", ["ModularGAN", "SSGAN", "S3GAN"])
def test_the_generator_sees_its_pairs(gan_class):
    """The loss follows from the logits of the real images of the batch and the fakes, in their order."""
    sizes = {
        "SSGAN": ["SSGAN.rotated_batch_size = 8", "SSGAN.self_supervision = None"],
        "S3GAN": [*PREDICTOR, "ModularGAN.conditional = True", "S3GAN.self_supervision = None"],
    }.get(gan_class, [])
    case, gan = made(gan_class, *sizes, "loss.fn = @rpgan")
    batch, images = gan.prepare(case.batch()), tf.constant(fakes())
    loss, _ = gan.generator_loss(batch, images)
    real, fake = (gan.predict(x, y).logits for x, y in ((batch.images, batch.labels), (images, batch.sampled_labels)))
    assert float(loss) == pytest.approx(np.mean(np.log1p(np.exp(real - fake))), rel=1e-5)
    loss, scalars = gan.discriminator_loss(batch, images, no_draws)
    expected = np.mean(np.log1p(np.exp(fake - real)))
    assert float(scalars["loss/d_adversarial"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("penalty", ["r1", "r2"])
def test_penalties_judge_with_the_labels_of_their_images_and_the_heads_of_an_s3gan(penalty):
    case, gan = made("S3GAN", *CONDITIONAL_GAN, *PREDICTOR, f"penalty.fn = @{penalty}", "options.lamba = 2.0")
    _, plain = made("S3GAN", *CONDITIONAL_GAN, *PREDICTOR)
    batch, fake_images = gan.prepare(case.batch()), tf.constant(fakes())
    images, labels = (batch.images, batch.labels) if penalty == "r1" else (fake_images, batch.sampled_labels)
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = gan.predict(images, labels).logits
    expected = 0.5 * np.mean(np.sum(tape.gradient(logits, images).numpy() ** 2, axis=(1, 2, 3)))
    loss, scalars = gan.discriminator_loss(batch, fake_images, no_draws)
    assert float(scalars["loss/penalty"]) == pytest.approx(expected, rel=1e-4)
    difference = float(loss) - float(plain.discriminator_loss(batch, fake_images, no_draws)[0])
    assert difference == pytest.approx(2.0 * expected, rel=1e-3)


@configurable("constant_term", module="tests.gans")
class Constant(Regularizer):
    """The term `value` in both updates."""

    def __init__(self, value):
        self.value = value

    def discriminator_terms(self, update):
        return [Term("loss/constant_d", 2.0, tf.constant(self.value))]

    def generator_terms(self, update):
        return [Term("loss/constant_g", 3.0, tf.constant(self.value))]


def test_terms_add_up_and_are_logged_before_their_weights():
    case, gan = made("ModularGAN", num_classes=None)
    without, terms = gan.objective, Objective(gan.loss, None, no_penalty, 1.0, 1, [Constant(0.5)])
    batch, images = gan.prepare(case.batch()), tf.constant(fakes())
    for update, weight in (("discriminator", 2.0), ("generator", 3.0)):
        ends = []
        for objective in (without, terms):
            gan.objective = objective
            arguments = (batch, images, no_draws) if update == "discriminator" else (batch, images)
            loss, scalars = getattr(gan, f"{update}_loss")(*arguments)
            ends.append(float(loss))
        assert ends[1] - ends[0] == pytest.approx(0.5 * weight, rel=1e-5)
        assert float(scalars[f"loss/constant_{update[0]}"]) == 0.5


def test_gans_share_no_variables_of_a_regulariser():
    given = LeCam()
    gans = []
    for _ in range(2):
        gan = ModularGAN(
            tiny_architecture.Generator((8, 8, 3)), tiny_architecture.Discriminator(), z_dim=5, regularizers=[given]
        )
        gan.build()
        gans.append(gan)
    first, second = (list(gan.regularizers[0].variables.values()) for gan in gans)
    assert not given.variables and len(first) == 2 and not {id(v) for v in first} & {id(v) for v in second}


class Plain(ModularGAN):
    """The losses as they are without any part."""

    def discriminator_loss(self, batch, fake_images, uniform):
        real, fake = self.discriminate((batch.images, batch.labels), (fake_images, batch.sampled_labels))
        return self.loss.discriminator(real.logits, fake.logits)[0], {"loss/penalty": tf.constant(0.0)}

    def generator_loss(self, batch, fake_images):
        return self.loss.generator(self.discriminate((fake_images, batch.sampled_labels))[0].logits), {}


def test_parts_that_are_off_change_no_bit():
    ends = []
    for gan_class in (Plain, ModularGAN):
        case = Gan("ModularGAN", (*SPECTRAL, *CONDITIONAL_GAN, "loss.fn = @hinge"))
        spec = case.spec()
        generator, discriminator = (
            make(**options)
            for make, options in (
                (spec.generator_class, spec.generator_options),
                (spec.discriminator_class, spec.discriminator_options),
            )
        )
        gan = gan_class(generator, discriminator, **spec.gan_options)
        state = TrainState(gan)
        for part in (gan.generator, gan.discriminator):
            filled(part)
        train_step = TrainStep(gan, state)
        step = tf.function(lambda batch, step=train_step: step((batch,), tf.constant(0, tf.int64), StepRandom(0, 0)))
        scalars = step(case.batch())
        ends.append(scalars | state.variables())
    assert ends[0].keys() == ends[1].keys()
    for name, value in ends[0].items():
        np.testing.assert_array_equal(ends[1][name], value, err_msg=name)
