"""Which parts of the networks are trained, how, and what is refused before anything is built or written."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, Gan

from compare_gan2.augmentation.flip_translate import FlipTranslate
from compare_gan2.gans.modular_gan import ModularGAN
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

STYLEGAN2 = (
    *("options.architecture = 'stylegan2_arch'", "ModularGAN.conditional = True", "stylegan2.Generator.w_dim = 8"),
    *("stylegan2.Generator.mapping_layers = 1", "stylegan2.Discriminator.mapping_layers = 1"),
    *("stylegan2.Generator.channel_max = 4", "stylegan2.Discriminator.channel_max = 4"),
)
R3GAN = (
    *("options.architecture = 'r3gan_arch'", "ModularGAN.conditional = True", "loss.fn = @rpgan"),
    *("penalty.fn = @r1_r2", "r3gan.Generator.width = 4", "r3gan.Discriminator.width = 4"),
    *("r3gan.Generator.cardinality = 2", "r3gan.Discriminator.cardinality = 2", "r3gan.Generator.blocks = 1"),
    "r3gan.Discriminator.blocks = 1",
)
BURN_IN = ("ModularGAN.burn_in = @burn_in()", "burn_in.images = 24")


def trained(case, steps=1, make_step=TrainStep):
    """(gan, state, scalars of the last step) after some steps."""
    gan = case.make()
    state = TrainState(gan)
    step = make_step(gan, state)
    for number in range(steps):
        scalars = step((case.batch(number),), tf.constant(number, tf.int64), StepRandom(0, number))
    return gan, state, {tag: float(value) for tag, value in scalars.items()}


def values(network):
    return {v.path: np.array(v) for v in network.trainable_variables}


@pytest.mark.parametrize("bindings, first", [(STYLEGAN2, "b8/"), (R3GAN, ("from_rgb", "stage0"))])
def test_frozen_blocks_stay_and_the_others_move(bindings, first):
    case = Gan("ModularGAN", (*bindings, "ModularGAN.freeze_d = 1"))
    before = values(case.make().discriminator)
    gan, state, _ = trained(case)
    after = values(gan.discriminator)
    same = {path.removeprefix("discriminator/") for path in after if np.array_equal(before[path], after[path])}
    frozen = {path.removeprefix("discriminator/") for path in after} - {
        v.path.removeprefix("discriminator/") for v in gan.discriminator_variables
    }
    assert frozen and all(path.startswith(first) for path in frozen) and frozen <= same
    assert not any(path.split("/")[0] in name for name in state.variables() if "d_opt" in name for path in frozen)
    assert len(same) < len(after)


@pytest.mark.parametrize(
    "gan_class, bindings, message",
    [
        ("ModularGAN", ["ModularGAN.style_mixing = 0.9"], "ModularGAN.style_mixing: expected 0 .* got 0.9"),
        (
            "ModularGAN",
            [*STYLEGAN2, "ModularGAN.freeze_d = 2"],
            "ModularGAN.freeze_d: expected at most 1, the blocks of this discriminator, got 2",
        ),
        ("ModularGAN", ["ModularGAN.freeze_d = 1"], "ModularGAN.freeze_d: expected at most 0"),
        (
            "ModularGAN",
            ["ModularGAN.ema_half_life = @ema_half_life()"],
            "ModularGAN.ema_half_life: expected ModularGAN.g_use_ema = True",
        ),
        (
            "ModularGAN",
            [*BURN_IN, "ModularGAN.d_optimizer_fn = @tf.train.RMSPropOptimizer"],
            "burn_in.beta2: expected None with an optimizer other than @tf.train.AdamOptimizer",
        ),
        ("ModularGAN", [*BURN_IN, "burn_in.hold = 30"], "burn_in.images: expected more than burn_in.hold"),
        (
            "ModularGAN",
            [*BURN_IN, "burn_in.ada_p = 0.5", "ModularGAN.augmentation = @ada()"],
            "burn_in.ada_p: expected None, or ModularGAN.augmentation = @ada\\(\\) with ada.target = None",
        ),
        ("ModularGAN", ["ModularGAN.regularizers = [@path_length()]"], "@path_length.. needs a generator"),
        (
            "S3GAN",
            [*STYLEGAN2, *PREDICTOR, "stylegan2.Discriminator.project_y = False"],
            "stylegan2.Discriminator.group_size: expected 1 with S3GAN",
        ),
        (
            "SSGAN",
            [*STYLEGAN2, "SSGAN.rotated_batch_size = 16"],
            "stylegan2.Discriminator.group_size: expected 1 with SSGAN",
        ),
        ("ModularGAN", [*R3GAN, *CONDITIONAL_GAN], "G.batch_norm_fn: expected None with r3gan_arch"),
    ],
)
def test_what_is_refused(gan_class, bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        gan = Gan(gan_class, tuple(bindings)).make()
        gan.discriminator_variables  # noqa: B018, read before any file is written
    assert "\n" not in str(caught.value)


def test_the_weight_of_the_penalty_follows_the_burn_in():
    case = Gan("ModularGAN", (*R3GAN, *BURN_IN, "burn_in.penalty_factor = 0.0", "burn_in.lr_factor = 1.0"))
    for step, share in ((0, 1.0), (1, 0.75), (3, 0.0)):
        gan = case.make()
        batch = case.batch()
        _, scalars = None, TrainStep(gan, TrainState(gan))((batch,), tf.constant(step, tf.int64), StepRandom(0, step))
        found = float(scalars["loss/d_0"] - scalars["loss/d_adversarial"])
        assert found == pytest.approx(share * float(scalars["loss/penalty"]), rel=1e-4, abs=1e-6)


def test_the_probability_of_ada_follows_the_burn_in():
    ada = ("ModularGAN.augmentation = @ada()", "ada.target = None", "ada.p = 0.2", "ada.operations = 'xflip'")
    case = Gan("ModularGAN", (*BURN_IN, *ada, "burn_in.ada_p = 0.6"))
    found = [trained(case, steps)[1].variables()["ada/p"] for steps in (1, 3, 4)]
    np.testing.assert_allclose(found, [0.2 + 0.4 * 0.25, 0.6, 0.6], rtol=1e-5)


def test_without_a_burn_in_nothing_is_scheduled():
    gan, state, _ = trained(Gan("ModularGAN", ()))
    assert isinstance(gan, ModularGAN) and gan.penalty_factor(7) == 1.0
    assert state.g_optimizer.beta_2_at is None and float(state.g_optimizer.learning_rate) == pytest.approx(0.01)


def test_parts_draw_the_noise_and_styles_of_the_whole_batch():
    bindings = (*STYLEGAN2, "ModularGAN.style_mixing = 0.9", "stylegan2.Discriminator.group_size = 1")
    case = Gan("ModularGAN", bindings)
    whole = trained(case, 2)[2]
    parts = trained(case, 2, lambda gan, state: AccumulatedStep(gan, state, 2))[2]
    assert whole.keys() == parts.keys()
    for tag, value in whole.items():
        assert parts[tag] == pytest.approx(value, rel=1e-4), tag
    other = trained(case.with_bindings("ModularGAN.style_mixing = 0.0"), 2)[2]
    assert other["loss/g"] != pytest.approx(whole["loss/g"], rel=1e-5)


def test_bcr_does_not_compare_copies_with_others(monkeypatch):
    case = Gan("ModularGAN", (*STYLEGAN2, "ModularGAN.regularizers = [@bcr()]"))
    monkeypatch.setattr(FlipTranslate, "__call__", lambda self, images, uniform, purpose, p=None: images)
    scalars = trained(case)[2]
    assert scalars["loss/bcr_real"] == pytest.approx(0.0, abs=1e-9)
    assert scalars["loss/bcr_fake"] == pytest.approx(0.0, abs=1e-9)
