"""Latent optimisation: the step of the latents, the gradients that flow through it, and what it does not go with."""

import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL, Gan, filled

from compare_gan2.datasets.latents import TrainingLatents, normal
from compare_gan2.gans.latent_optimization import LatentOptimization
from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep, draws_of

LOGAN = ("ModularGAN.latent_optimization = @latent_optimization()", "loss.fn = @hinge")
CASE = Gan("ModularGAN", (*LOGAN, "ModularGAN.conditional = True", "latent_optimization.weight = 2.0"))


def test_the_step_by_hand():
    latents, weights = np.array([[0.5, -0.9], [0.1, 0.2]], np.float32), np.array([3.0, -4.0], np.float32)
    draws = tf.constant([[0.3], [0.1]])  # the second one is not in the share of 0.8
    logits_of = lambda z: tf.reduce_sum(z * weights, axis=1, keepdims=True)  # noqa: E731
    natural = 0.9 * weights / (5.0 + 25.0)
    moved, cost = LatentOptimization(beta=5.0).moved(tf.constant(latents), logits_of, draws)
    np.testing.assert_allclose(moved, [[0.5 + natural[0], -1.0], [0.1, 0.2]], rtol=1e-6)
    assert float(cost) == pytest.approx(np.sum(natural**2), rel=1e-5)  # before the cut, also of what stays
    plain = LatentOptimization(natural=False, alpha=0.1, share=1.0, bound=None)
    moved, cost = plain.moved(tf.constant(latents), logits_of, draws)
    np.testing.assert_allclose(moved, latents + 0.1 * weights, rtol=1e-6)
    assert float(cost) == pytest.approx(0.25, rel=1e-5)


def gradients_of(gan, step, player, batch):
    """({path: gradient}, loss) of one update."""
    batch = gan.prepare(batch)._replace(draws=draws_of(StepRandom(0, 0), "fakes/0"))
    if player == "d":
        found, scalars = step.discriminator_gradients(batch, step.fakes_of_discriminator(batch), StepRandom(0, 0), 0)
        return dict(zip([v.path for v in gan.discriminator_variables], found, strict=True)), scalars["loss/d_0"]
    batch, fakes, tape, cost = step.fakes_of_generator(batch)
    found, scalars = step.generator_gradients(batch, fakes, tape, StepRandom(0, 0), cost)
    return dict(zip([v.path for v in gan.generator.trainable_variables], found, strict=True)), scalars["loss/g"]


@pytest.mark.parametrize("player", ["d", "g"])
def test_gradients_flow_through_the_step(player, monkeypatch):
    monkeypatch.setattr(tf.nn, "relu", tf.nn.softplus)  # at whose kinks the step, a derivative, would jump
    gan = CASE.make()
    for network in (gan.generator, gan.discriminator):
        filled(network)
    step, batch = TrainStep(gan, TrainState(gan)), CASE.batch()
    found, _ = gradients_of(gan, step, player, batch)
    network = gan.discriminator if player == "d" else gan.generator
    random = np.random.RandomState(0)
    for variable in network.trainable_variables:
        start, direction = variable.numpy(), random.standard_normal(variable.shape).astype(np.float32)
        losses = []
        for sign in (1.0, -1.0):
            variable.assign(start + sign * 1e-3 * direction)
            losses.append(float(gradients_of(gan, step, player, batch)[1]))
        variable.assign(start)
        slope = float(np.sum(found[variable.path] * direction))
        assert slope == pytest.approx((losses[0] - losses[1]) / 2e-3, rel=0.02, abs=2e-3), variable.path


def test_in_mixed_precision():
    exact, mixed = scalars_after(1, CASE), scalars_after(1, CASE, dtype="mixed_bfloat16")
    assert mixed["loss/latents_g"] != exact["loss/latents_g"]
    for tag, value in exact.items():
        assert mixed[tag] == pytest.approx(value, rel=0.1, abs=0.1), tag


def scalars_after(steps, case, **forced):
    gan = case.make(**forced)
    state = TrainState(gan)
    step = TrainStep(gan, state)
    for number in range(steps):
        scalars = step((case.batch(number),), tf.constant(number, tf.int64), StepRandom(0, number))
    return {tag: float(value) for tag, value in scalars.items()}


@pytest.mark.parametrize(
    "gan_class, bindings",
    [
        ("S3GAN", (*CONDITIONAL_GAN, *SPECTRAL, *PREDICTOR, "S3GAN.reuse_fakes = True")),
        ("ModularGAN", ("options.disc_iters = 1", "ModularGAN.experimental_force_graph_unroll = True")),
    ],
)
def test_any_gan_can_have_it(gan_class, bindings):
    case = Gan(gan_class, (*bindings, *LOGAN))
    if gan_class == "ModularGAN":
        gan = case.make()
        step = TrainStep(gan, TrainState(gan))
        found = step((case.batch(), case.batch(1)), tf.constant(0, tf.int64), StepRandom(0, 0))
    else:
        found = scalars_after(2, case)
    assert {"loss/latents_d", "loss/latents_g"} <= found.keys()
    assert all(np.isfinite(float(value)) for value in found.values())


def test_without_it_nothing_is_logged():
    assert not [tag for tag in scalars_after(2, Gan("ModularGAN", ("loss.fn = @hinge",))) if "latents" in tag]


@pytest.mark.parametrize(
    "bindings, message",
    [
        (["ModularGAN.regularizers = [@bcr(), @zcr()]"], r"latent_optimization: expected None with @zcr\(\), which"),
        (
            [
                "ModularGAN.experimental_force_graph_unroll = True",
                "ModularGAN.experimental_joint_gen_for_disc = True",
            ],
            "latent_optimization: expected None with ModularGAN.experimental_joint_gen_for_disc = True",
        ),
        (["latent_optimization.alpha = 0.0"], "latent_optimization.alpha: expected a number above 0 .* got 0.0"),
        (["latent_optimization.weight = -1.0"], "latent_optimization.weight: expected a number from 0 .* got -1.0"),
        (["latent_optimization.share = 1.5"], "latent_optimization.share: expected a number from 0 to 1, got 1.5"),
    ],
)
def test_what_is_refused(bindings, message):
    with pytest.raises(ConfigError, match=message) as caught:
        Gan("ModularGAN", (*LOGAN, *bindings)).make()
    assert "\n" not in str(caught.value)


def test_logits_that_nothing_trains_are_refused():
    only = ("SSGAN.self_supervision = 'rotation_only'", "SSGAN.rotated_batch_size = 8")
    with pytest.raises(ConfigError, match="latent_optimization: expected None with .*'rotation_only', whose logits"):
        Gan("SSGAN", (*LOGAN, *only)).make()


def test_blocks_that_are_computed_again_are_refused():
    with pytest.raises(ConfigError, match="run_config.remat: expected False with ModularGAN.latent_optimization"):
        CASE.make().rematerialize()


def test_latents_that_the_cut_would_change_are_refused():
    cut, uncut = LatentOptimization(), LatentOptimization(bound=None)
    cut.check_latents(TrainingLatents())
    uncut.check_latents(TrainingLatents(distribution_fn=normal))
    for latents in (TrainingLatents(distribution_fn=normal), TrainingLatents(maxval=2.0)):
        with pytest.raises(ConfigError, match=r"latent_optimization.bound: expected None, or latents .* got z = \w+"):
            cut.check_latents(latents)
