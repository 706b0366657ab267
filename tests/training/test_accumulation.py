import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, PREDICTOR, SPECTRAL, Gan, filled
from support.parts_on_one_device import PartsOnOneDevice

from compare_gan2.ground.errors import ConfigError
from compare_gan2.training.accumulation import AccumulatedStep
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

NO_BATCH_NORM = ("ModularGAN.conditional = True", "G.batch_norm_fn = @no_batch_norm", *SPECTRAL)
NO_PREDICTOR = tuple(b for b in PREDICTOR if "use_predictor" not in b)
UNROLLED = ("options.disc_iters = 2", "ModularGAN.experimental_force_graph_unroll = True")
EQUAL = {  # every loss is a mean over examples
    "modular": Gan("ModularGAN", (*NO_BATCH_NORM, "ModularGAN.g_use_ema = True", "loss.fn = @hinge")),
    "modular_wgangp": Gan("ModularGAN", (*NO_BATCH_NORM, "penalty.fn = @wgangp_penalty", "options.lamba = 10")),
    "modular_l2": Gan("ModularGAN", (*NO_BATCH_NORM, "penalty.fn = @l2_penalty", "options.disc_iters = 2")),
    "modular_unrolled": Gan("ModularGAN", (*NO_BATCH_NORM, *UNROLLED)),
    "s3gan_without_rotations": Gan("S3GAN", (*NO_BATCH_NORM, *NO_PREDICTOR, "S3GAN.self_supervision = 'none'")),
    "s3gan_reusing_fakes": Gan(
        "S3GAN",
        (*NO_BATCH_NORM, *NO_PREDICTOR, "S3GAN.self_supervision = 'none'", "S3GAN.reuse_fakes = True"),
    ),
}
EQUAL["modular_of_pairs"] = Gan(  # without the generator's power iteration, which near latents would move twice
    "ModularGAN",
    (
        *("ModularGAN.conditional = True", "loss.fn = @rpgan", "penalty.fn = @r1_r2", "penalty.every = 2"),
        *("options.lamba = 0.1", "ModularGAN.regularizers = [@bcr(), @zcr(), @orthogonal()]"),
    ),
)
EQUAL["label_heads"] = Gan(  # as many labelled images in each part
    "ModularGAN",
    (*NO_BATCH_NORM, "loss.fn = @hinge", "ModularGAN.label_heads = [@acgan(), @tac(), @adc(), @multi_hinge()]"),
)
EQUAL["latent_optimization"] = Gan(  # without power iterations, which moved latents would take twice
    "ModularGAN",
    (
        *("ModularGAN.conditional = True", "loss.fn = @hinge", "ModularGAN.regularizers = [@bcr()]"),
        "ModularGAN.latent_optimization = @latent_optimization()",
    ),
)
IN_PARTS = {
    "s3gan": Gan("S3GAN", (*NO_BATCH_NORM, *PREDICTOR, "options.batch_size = 32")),
    "ssgan": Gan("SSGAN", (*NO_BATCH_NORM, "SSGAN.rotated_batch_size = 32", "options.batch_size = 32")),
}


def after_two_steps(case, make_step, parts=1, batch_size=8):
    gan = case.make(parts)
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    state = TrainState(gan)
    step = make_step(gan, state)
    update = tf.function(lambda *batches: step(batches, tf.convert_to_tensor(state.step), StepRandom(3, state.step)))
    for number in range(2):
        scalars = update(*[case.batch(10 * number + i, batch_size) for i in range(gan.batches_per_step)])
        state.count_step()
    return {tag: float(value) for tag, value in scalars.items()}, state.variables()


@pytest.mark.parametrize("name, parts", [*((name, 4) for name in EQUAL), ("modular", 2)])
def test_parts_equal_the_whole_batch(name, parts):
    case = EQUAL[name]
    expected, variables = after_two_steps(case, TrainStep)
    actual, ours = after_two_steps(case, lambda gan, state: AccumulatedStep(gan, state, parts), parts)
    assert actual == pytest.approx(expected, rel=1e-3, abs=1e-5)
    for path, variable in variables.items():
        scale = max(1e-2, np.abs(variable.numpy()).max())
        np.testing.assert_allclose(ours[path].numpy(), variable.numpy(), rtol=0, atol=1e-3 * scale, err_msg=path)


def test_with_batch_norm_the_moments_are_those_of_a_part():
    case = Gan("ModularGAN", (*CONDITIONAL_GAN, "loss.fn = @hinge"))
    expected, _ = after_two_steps(case, TrainStep)
    actual, _ = after_two_steps(case, lambda gan, state: AccumulatedStep(gan, state, 2), 2)
    assert actual["loss/g"] != pytest.approx(expected["loss/g"], rel=1e-4)


@pytest.mark.parametrize("name, parts", [("s3gan", 4), ("ssgan", 2)])
def test_terms_over_a_part_equal_those_of_as_many_replicas(name, parts):
    """Rotations and the means over labelled images, against a step that shares no code with ours."""

    def on_replicas(gan, state):
        reference = PartsOnOneDevice(gan, state, parts)
        return lambda batches, step, random: reference.step(batches, count=False)

    expected, variables = after_two_steps(IN_PARTS[name], on_replicas, parts, 32)
    actual, ours = after_two_steps(IN_PARTS[name], lambda gan, state: AccumulatedStep(gan, state, parts), parts, 32)
    assert expected.keys() <= actual.keys()
    for tag, value in expected.items():
        assert actual[tag] == pytest.approx(value, rel=1e-3, abs=1e-5), tag
    for path, variable in variables.items():
        scale = max(1e-2, np.abs(variable.numpy()).max())
        np.testing.assert_allclose(ours[path].numpy(), variable.numpy(), rtol=0, atol=1e-3 * scale, err_msg=path)


def test_the_graph_does_not_grow_with_the_number_of_parts():
    def operations(parts):
        gan = IN_PARTS["s3gan"].make(parts)
        step = AccumulatedStep(gan, TrainState(gan), parts)
        trace = tf.function(lambda batch: step([batch], tf.constant(0, tf.int64), StepRandom(3, 0)))
        graph = trace.get_concrete_function(IN_PARTS["s3gan"].batch(0, 32)).graph.as_graph_def()
        return len(graph.node) + sum(len(function.node_def) for function in graph.library.function)

    assert operations(2) == operations(8)


def test_joint_generation_is_refused():
    joint = (*NO_BATCH_NORM, *UNROLLED, "ModularGAN.experimental_joint_gen_for_disc = True")
    gan = Gan("ModularGAN", joint).make()
    with pytest.raises(ConfigError, match="accumulate_steps: expected 1 with .*joint_gen_for_disc = True, got 2"):
        gan.check_batch(1, accumulate_steps=2)
