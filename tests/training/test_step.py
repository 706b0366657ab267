import numpy as np
import pytest
import tensorflow as tf
from support.catalogue import CONDITIONAL_GAN, GANS, PREDICTOR, SPECTRAL, Gan, filled
from support.parts_on_one_device import PartsOnOneDevice

from compare_gan2.distribution.strategy import get_strategy
from compare_gan2.training.graph_memory import waited_for
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import StepRandom, TrainStep

S3GAN = (*SPECTRAL, *CONDITIONAL_GAN, *PREDICTOR)
TWICE = ("options.disc_iters = 2",)
UNROLLED = (*TWICE, "ModularGAN.experimental_force_graph_unroll = True")
JOINT = (*UNROLLED, "ModularGAN.experimental_joint_gen_for_disc = True")


def made(case, num_replicas=1):
    """(gan, state), all weights with fixed values."""
    gan = case.make(num_replicas)
    for part in (gan.generator, gan.discriminator, *gan.heads):
        filled(part)
    return gan, TrainState(gan)


def values(variables):
    return {variable.path: variable.numpy() for variable in variables}


def changed(before, variables):
    return {variable.path for variable in variables if np.any(before[variable.path] != variable.numpy())}


def run(gan, state, batches):
    scalars = TrainStep(gan, state)(tuple(batches), tf.convert_to_tensor(state.step), StepRandom(3, state.step))
    state.count_step()
    return {tag: float(value) for tag, value in scalars.items()}


@pytest.mark.parametrize("mode, batches", [((), 1), (TWICE, 2), (UNROLLED, 3), (JOINT, 3)])
def test_counters_and_updates_of_a_generator_step(mode, batches):
    case = Gan("ModularGAN", (*CONDITIONAL_GAN, *mode))
    gan, state = made(case)
    updates = 1 if not mode else 2
    assert gan.batches_per_step == batches
    for step in (1, 2):
        scalars = run(gan, state, [case.batch(i) for i in range(batches)])
        assert (int(state.step), int(state.discriminator_step)) == (step, step * updates)
        assert (int(state.g_optimizer.iterations), int(state.d_optimizer.iterations)) == (step, step * updates)
    assert {tag for tag in scalars if tag.startswith("loss/d")} == {f"loss/d_{i}" for i in range(updates)}


@pytest.mark.parametrize("mode", [(), TWICE, UNROLLED])
def test_no_network_is_prepared_before_the_gradients_of_the_last_update(mode):
    """A graph would hold the kernels of two passes at a time."""
    case = Gan("S3GAN", (*S3GAN, *mode))
    gan, state = made(case)
    batches = tuple(case.batch(i) for i in range(gan.batches_per_step))
    step = tf.function(lambda: TrainStep(gan, state)(batches, tf.constant(0, tf.int64), StepRandom(3, 0)))
    operations = step.get_concrete_function().graph.get_operations()
    updates = [i for i, op in enumerate(operations) if op.type == "ResourceApplyAdam"]
    size = len(gan.discriminator_variables)
    for last in updates[size - 1 : -1 : size][: gan.batches_per_step]:
        gradients = {operations[i].inputs[-1].op for i in updates if i <= last}
        network = next(op for op in operations[last:] if op.type in ("Conv2D", "Conv2DBackpropInput"))
        assert gradients <= waited_for([network])


def test_each_update_leaves_the_other_network_alone():
    case = Gan("S3GAN", S3GAN)
    gan, state = made(case)
    step, batch = TrainStep(gan, state), gan.prepare(case.batch())
    with tf.GradientTape() as tape:
        fake_images = gan.generate(batch)
    g_before, d_before = values(gan.generator.variables), values(gan.discriminator_variables)
    step.update_discriminator(batch, fake_images, StepRandom(0, 0), 0)
    assert not changed(g_before, gan.generator.variables)
    assert changed(d_before, gan.discriminator_variables) == set(d_before)
    g_before, d_before = values(gan.generator.trainable_variables), values(gan.discriminator_variables)
    step.update_generator(batch, fake_images, tape, tf.constant(0), StepRandom(0, 0))
    assert not changed(d_before, gan.discriminator_variables)
    assert len(changed(g_before, gan.generator.trainable_variables)) >= len(g_before) - 1  # a bias before batch norm


def test_losses_come_before_the_discriminator_update_and_after_it_for_the_generator():
    case = Gan("ModularGAN", (*CONDITIONAL_GAN, "loss.fn = @hinge"))
    gan, state = made(case)
    batch = gan.prepare(case.batch())
    fake_images = gan.generate(batch)
    expected, _ = gan.discriminator_loss(batch, fake_images, None)
    stale, _ = gan.generator_loss(batch, fake_images)
    scalars = run(gan, state, [case.batch()])
    assert scalars["loss/d_0"] == pytest.approx(float(expected), rel=1e-5)
    fresh, _ = gan.generator_loss(batch, fake_images)
    assert scalars["loss/g"] == pytest.approx(float(fresh), rel=1e-5)
    assert abs(float(stale) - float(fresh)) > 1e-4


def test_average_equals_the_weights_until_its_start_step():
    bindings = ("ModularGAN.g_use_ema = True", "ModularGAN.ema_decay = 0.75", "ModularGAN.ema_start_step = 2")
    case = Gan("ModularGAN", bindings)
    gan, state = made(case)
    variables = gan.generator.trainable_variables
    for step in range(4):
        before = [shadow.numpy() for shadow in state.ema.shadows]
        run(gan, state, [case.batch(step)])
        for shadow, old, variable in zip(state.ema.shadows, before, variables, strict=True):
            expected = variable.numpy() if step < 2 else 0.75 * old + 0.25 * variable.numpy()
            np.testing.assert_allclose(shadow, expected, rtol=1e-5, atol=1e-7)
    other = case.make().generator
    state.ema.copy_to(other)
    for shadow, variable in zip(state.ema.shadows, other.trainable_variables, strict=True):
        np.testing.assert_array_equal(shadow, variable)


def test_no_average_unless_bound():
    assert made(Gan("ModularGAN", ()))[1].ema is None


def generated(gan):
    """Sizes of the batches that a GAN generates from now on."""
    sizes, generate = [], gan.generate
    gan.generate = lambda batch: sizes.append(batch.latents.shape[0]) or generate(batch)
    return sizes


@pytest.mark.parametrize(
    "gan_class, bindings, sizes",
    [
        ("ModularGAN", CONDITIONAL_GAN, [8]),
        ("ModularGAN", (*CONDITIONAL_GAN, *TWICE), [8, 8]),
        ("ModularGAN", (*CONDITIONAL_GAN, *UNROLLED), [8, 8, 8]),
        ("ModularGAN", (*CONDITIONAL_GAN, *JOINT), [16, 8]),
        ("ModularGAN", JOINT, [16, 8]),
        ("S3GAN", S3GAN, [8, 8]),
        ("S3GAN", (*S3GAN, "S3GAN.reuse_fakes = True"), [8]),
        ("S3GAN", (*S3GAN, *TWICE), [8, 8, 8]),
        ("S3GAN", (*S3GAN, *TWICE, "S3GAN.reuse_fakes = True"), [8, 8]),
        ("S3GAN", (*S3GAN, *UNROLLED), [8, 8, 8]),
    ],
)
def test_generator_calls_of_a_step(gan_class, bindings, sizes):
    case = Gan(gan_class, bindings)
    gan, state = made(case)
    seen = generated(gan)
    run(gan, state, [case.batch(i) for i in range(gan.batches_per_step)])
    assert seen == sizes


@pytest.mark.parametrize("reuse", [False, True])
def test_reused_fakes_move_spectral_norm_once(reuse):
    case = Gan("S3GAN", (*S3GAN, f"S3GAN.reuse_fakes = {reuse}"))
    gan, state = made(case)
    reference = case.make()  # untrained: its kernels stay, so only the first discriminator update can be compared
    layer, kernel = gan.generator.fc_noise, gan.generator.fc_noise.kernel.numpy()
    filled(reference.generator)
    for _ in range(1 if reuse else 2):
        reference.generator.fc_noise.spectral_norm(tf.constant(kernel), training=True)
    run(gan, state, [case.batch()])
    np.testing.assert_allclose(
        layer.spectral_norm.u_var, reference.generator.fc_noise.spectral_norm.u_var, rtol=1e-4, atol=1e-6
    )


def after(case, batches):
    gan, state = made(case)
    run(gan, state, batches)
    return gan.generator.final_conv.kernel.numpy(), gan.discriminator.conv.kernel.numpy()


def test_without_unrolling_the_last_batch_trains_both_networks():
    case = Gan("ModularGAN", (*CONDITIONAL_GAN, *TWICE))
    gan, state = made(case)
    step, random = TrainStep(gan, state), StepRandom(3, tf.constant(0, tf.int64))
    for i, trains in enumerate((False, True)):
        step.executed_step(gan.prepare(case.batch(i)), tf.constant(0), random, i, train_generator=trains)
    expected = gan.generator.final_conv.kernel.numpy(), gan.discriminator.conv.kernel.numpy()
    actual = after(case, [case.batch(0), case.batch(1)])
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    for number in (0, 1):
        batches = [case.batch(0), case.batch(1)]
        batches[number] = case.batch(9)
        assert np.any(after(case, batches)[1] != actual[1])


@pytest.mark.parametrize("mode", [UNROLLED, JOINT])
def test_unrolled_the_last_batch_trains_the_generator_alone(mode):
    case = Gan("ModularGAN", (*CONDITIONAL_GAN, *mode))
    batches = [case.batch(i) for i in range(3)]
    generator, discriminator = after(case, batches)
    other_generator, other_discriminator = after(case, [*batches[:2], case.batch(9)])
    np.testing.assert_array_equal(discriminator, other_discriminator)
    assert np.any(generator != other_generator)
    for number in (0, 1):
        others = [case.batch(9) if i == number else batch for i, batch in enumerate(batches)]
        assert np.any(after(case, others)[1] != discriminator)


def test_joint_generation_normalises_all_fakes_of_the_discriminator_together():
    without_norm, with_norm = (), ("G.batch_norm_fn = @batch_norm",)
    for norm in (without_norm, with_norm):
        ends = []
        for mode in (UNROLLED, JOINT):
            case = Gan("ModularGAN", (*norm, *mode))
            ends.append(after(case, [case.batch(i) for i in range(3)])[1])
        assert np.allclose(*ends, rtol=1e-5, atol=1e-6) == (norm == without_norm)


def halves(strategy, batch):
    def half(value):
        size = value.shape[0] // 2
        return strategy.experimental_distribute_values_from_function(
            lambda context: value[context.replica_id_in_sync_group * size :][:size]
        )

    return {key: half(value) for key, value in batch.items()}


# Whose losses are of the whole batch; tests/gans/test_whole_batch_on_replicas.py has such.
NOT_IN_HALVES = ("modular_batch_norm_in_d", "modular_label_heads", "s3gan_label_heads", "s3gan_over_batch")
REPLICATED = {
    **{name: case for name, case in GANS.items() if name not in NOT_IN_HALVES},
    "s3gan_twice": Gan("S3GAN", (*S3GAN, *TWICE)),
    "s3gan_unrolled": Gan("S3GAN", (*S3GAN, *UNROLLED)),
}


@pytest.mark.parametrize("name", REPLICATED)
def test_two_replicas_equal_averaged_gradients_of_two_halves(name):
    case = REPLICATED[name]
    reference, expected = made(case, num_replicas=2)
    strategy, _ = get_strategy()
    with strategy.scope():
        gan, state = made(case, num_replicas=2)
    train_step, one_device = TrainStep(gan, state), PartsOnOneDevice(reference, expected)

    @tf.function
    def replicated_step(batches):
        number = tf.convert_to_tensor(state.step)
        scalars = strategy.run(lambda b: train_step(b, number, StepRandom(3, number)), args=(batches,))
        state.count_step()
        return {tag: strategy.reduce("MEAN", value, axis=None) for tag, value in scalars.items()}

    for i in range(2):
        batches = [case.batch(10 * i + k) for k in range(gan.batches_per_step)]
        scalars = replicated_step(tuple(halves(strategy, batch) for batch in batches))
        for tag, value in one_device.step(batches).items():
            assert float(scalars[tag]) == pytest.approx(float(value), rel=1e-3, abs=1e-4), tag
    for name, variable in expected.variables().items():
        actual, other = (copy.numpy() for copy in strategy.experimental_local_results(state.variables()[name]))
        np.testing.assert_array_equal(other, actual, err_msg=name)
        scale = max(1e-2, np.abs(variable.numpy()).max())
        np.testing.assert_allclose(actual, variable.numpy(), rtol=0, atol=2e-3 * scale, err_msg=name)


def test_draws_depend_on_seed_step_and_purpose():
    def draw(seed, step, purpose):
        return StepRandom(seed, tf.constant(step, tf.int64)).uniform([4, 3], purpose).numpy()

    first = draw(1, 2, "a")
    assert first.min() >= 0 and first.max() < 1 and len(np.unique(first)) == 12
    np.testing.assert_array_equal(draw(1, 2, "a"), first)
    for other in (draw(2, 2, "a"), draw(1, 3, "a"), draw(1, 2, "b")):
        assert not np.any(other == first)
    compiled = tf.function(lambda step: StepRandom(1, step).uniform([4, 3], "a"), jit_compile=True)
    np.testing.assert_array_equal(compiled(tf.constant(2, tf.int64)), first)


def test_draws_of_the_replicas_are_parts_of_the_draw_for_the_whole_batch():
    strategy, _ = get_strategy()
    parts = tf.function(lambda: strategy.run(lambda: StepRandom(1, tf.constant(2)).uniform([2, 3], "a")))()
    whole = StepRandom(1, tf.constant(2)).uniform([4, 3], "a")
    np.testing.assert_array_equal(tf.concat(strategy.experimental_local_results(parts), 0), whole)
