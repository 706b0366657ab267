import collections

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import original_files
from support.catalogue import Gan
from support.goldens import GOLDENS, recorded_case

from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.original import checkpoint as original_checkpoint
from compare_gan2.original.conformance import RecordedNoise
from compare_gan2.original.recorded_cases import assign_recipe, recorded_inputs
from compare_gan2.training import optimizers
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import TrainStep

NAME = "tf1_checkpoint_s3gan"
SLOTS = ("g_opt", "g_opt_1", "d_opt", "d_opt_1")


@pytest.fixture
def case():
    return recorded_case(NAME)


def make(case, *bindings):
    config = parse([], [*case["bindings"], *bindings])
    spec = model_spec(config, config.build(Options), image_shape=(32, 32, 3), num_classes=case["num_classes"])
    gan = spec.make()
    gan.check_batch(1)
    return gan, TrainState(gan)


def trained(case, gan, state, first, count):
    """Losses of native training steps on the recorded inputs, from the state as it is."""
    step = TrainStep(gan, state)
    rows = []
    for k in range(first, first + count):
        inputs = recorded_inputs(case["train_inputs"], k, case["train_batch"], gan, 10, case["labelled_every"])
        scalars = step((inputs,), state.step, RecordedNoise())
        state.count_step()
        rows.append([float(scalars["loss/d_0"]), float(scalars["loss/g"])])
    return rows


def test_imported_checkpoint_equals_native_training_and_resumes_like_it(case):
    gan, state = make(case)
    recorded = {
        name: {"shape": tuple(variable.shape)}
        for name, variable in state.variables().items()
        if name.startswith(("generator", "discriminator"))
    }
    assign_recipe(state.variables(), recorded)
    trained(case, gan, state, 0, case["steps"])
    imported_gan, imported = make(case)
    original_checkpoint.restore(GOLDENS / case["checkpoint"], imported)
    native = original_checkpoint.original_names(state)
    moments = [name for name in native if name.endswith(("_opt", "_opt_1"))]
    assert len(moments) == 144  # two for each of the 72 trainable variables
    for name, variable in original_checkpoint.original_names(imported).items():
        ours, theirs = np.asarray(native[name]), np.asarray(variable)
        # The gradient of a bias before batch norm is zero but for rounding; second moments are squares.
        rounding = 1e-18 if name.endswith("_opt_1") else 1e-8
        assert np.max(np.abs(ours - theirs)) <= 1e-3 * np.max(np.abs(theirs)) + rounding, name
    assert int(imported.g_optimizer.iterations) == int(imported.d_optimizer.iterations) == 3
    assert imported.current_step() == 3 and int(imported.discriminator_step) == 3
    np.testing.assert_allclose(
        trained(case, imported_gan, imported, 3, 2), trained(case, gan, state, 3, 2), rtol=1e-3, atol=1e-5
    )


@pytest.mark.parametrize("name", ["ssgan_uncond", "s3gan_disc_iters2", "biggan_unrolled2", "s3gan_predictor"])
def test_names_are_those_that_the_original_recorded(name):
    recorded = recorded_case(name)
    _, state = make(recorded)
    names = original_checkpoint.original_names(state)
    slots = {n for n in names if n.rpartition("/")[2] in SLOTS}
    there = {n for n in recorded["variables"] if not n.endswith("update_accus")}
    assert names.keys() - slots - {"global_step", "global_step_disc"} == there
    assert {n.rpartition("/")[0] for n in slots} == {n for n, v in recorded["variables"].items() if v["trainable"]}


KINDS = {
    "unconditional_moving_averages": ("ModularGAN", ("G.batch_norm_fn = @batch_norm",), None, 1),
    "ssgan_head_no_average_more_discriminator_steps": (
        "SSGAN",
        ("SSGAN.rotated_batch_size = 8", "options.disc_iters = 3", "D.spectral_norm = True"),
        None,
        3,
    ),
    "s3gan_accumulators_average": (
        "S3GAN",
        (
            "S3GAN.rotated_batch_fraction = 1",
            "S3GAN.project_y = True",
            "ModularGAN.conditional = True",
            "G.batch_norm_fn = @conditional_batch_norm",
            "standardize_batch.use_moving_averages = False",
            "ModularGAN.g_use_ema = True",
        ),
        3,
        1,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("has_switches", [True, False])
def test_every_value_arrives(kind, has_switches, tmp_path):
    gan_class, bindings, num_classes, disc_iters = KINDS[kind]
    state = TrainState(Gan(gan_class, bindings, num_classes=num_classes).make())
    values = original_files.values_of(state, step=7, disc_iters=disc_iters)
    if not has_switches:
        values = {name: value for name, value in values.items() if not name.endswith("update_accus")}
    path = original_files.write_checkpoint(tmp_path / "model.ckpt-7", values)
    original_checkpoint.restore(path, state)
    assert state.current_step() == int(state.g_optimizer.iterations) == 7
    assert int(state.discriminator_step) == int(state.d_optimizer.iterations) == 7 * disc_iters
    parts = (state.gan.generator, state.gan.discriminator, *state.gan.heads)
    for variable in (variable for part in parts for variable in part.variables):
        np.testing.assert_array_equal(variable, values[variable.path], err_msg=variable.path)
    for optimizer, name in ((state.g_optimizer, "g_opt"), (state.d_optimizer, "d_opt")):
        for variable, mean, square in zip(
            optimizer._trainable_variables, optimizer._momentums, optimizer._velocities, strict=True
        ):
            np.testing.assert_array_equal(mean, values[f"{variable.path}/{name}"])
            np.testing.assert_array_equal(square, values[f"{variable.path}/{name}_1"])
    if state.ema is not None:
        for variable, shadow in zip(state.gan.generator.trainable_variables, state.ema.shadows, strict=True):
            np.testing.assert_array_equal(shadow, values[variable.path + original_files.AVERAGE])
    read = {name for name in values if not name.endswith(("update_accus", "_power"))}
    assert original_checkpoint.original_names(state).keys() == read


def gradients(state, step):
    """{variable: gradient} of a made-up step."""
    random = np.random.RandomState(step)
    variables = (*state.gan.generator.trainable_variables, *state.gan.discriminator_variables)
    return {v.path: random.standard_normal(v.shape).astype(np.float32) for v in variables}


class OriginalTraining:
    """A graph of TensorFlow 1 with the variables of a state and two optimizers, under the names of the original."""

    def __init__(self, state, make_optimizer):
        everything = (*state.gan.generator.variables, *state.gan.discriminator.variables)
        values = {v.path: v.numpy() for v in everything}
        trained = (state.gan.generator.trainable_variables, state.gan.discriminator_variables)
        self.inputs, self.updates = {}, []
        with tf.Graph().as_default() as graph:
            self.variables = {n: tf.compat.v1.get_variable(n, initializer=value) for n, value in values.items()}
            counters = (
                tf.compat.v1.get_variable("global_step", initializer=np.int64(0)),
                tf.compat.v1.get_variable("global_step_disc", initializer=np.int32(0)),
            )
            for name, scope, counter, variables in zip(
                ("g_opt", "d_opt"), ("gen_step", "disc_step_1"), counters, trained, strict=True
            ):
                self.inputs |= {v.path: tf.compat.v1.placeholder(tf.float32, v.shape) for v in variables}
                with tf.compat.v1.name_scope(scope):
                    pairs = [(self.inputs[v.path], self.variables[v.path]) for v in variables]
                    self.updates.append(make_optimizer(name).apply_gradients(pairs, global_step=counter))
            self.saver = tf.compat.v1.train.Saver()
            self.session = tf.compat.v1.Session(graph=graph)
            self.session.run(tf.compat.v1.global_variables_initializer())

    def run(self, state, steps):
        """Runs steps from the values as they are; returns {variable: value}."""
        for step in steps:
            given = gradients(state, step)
            self.session.run(self.updates, {self.inputs[name]: given[name] for name in self.inputs})
        return self.session.run(self.variables)

    def save(self, path):
        with self.session.graph.as_default():
            self.saver.save(self.session, str(path), write_meta_graph=False)
        return path


Case = collections.namedtuple("Case", ["ours", "theirs"])
v1 = tf.compat.v1.train
OPTIMIZERS = {
    "adam": Case(
        lambda name: optimizers.adam(0.01, beta1=0.5, name=name),
        lambda name: v1.AdamOptimizer(0.01, beta1=0.5, name=name),
    ),
    "rmsprop": Case(
        lambda name: optimizers.rmsprop(0.01, name=name), lambda name: v1.RMSPropOptimizer(0.01, name=name)
    ),
    "rmsprop_centered_momentum": Case(
        lambda name: optimizers.rmsprop(0.01, momentum=0.8, centered=True, name=name),
        lambda name: v1.RMSPropOptimizer(0.01, momentum=0.8, centered=True, name=name),
    ),
    "momentum": Case(
        lambda name: optimizers.momentum(0.02, momentum=0.9, name=name),
        lambda name: v1.MomentumOptimizer(0.02, 0.9, name=name),
    ),
    "nesterov": Case(
        lambda name: optimizers.momentum(0.02, momentum=0.9, use_nesterov=True, name=name),
        lambda name: v1.MomentumOptimizer(0.02, 0.9, use_nesterov=True, name=name),
    ),
    "gradient_descent": Case(
        lambda name: optimizers.gradient_descent(0.1, name=name),
        lambda name: v1.GradientDescentOptimizer(0.1, name=name),
    ),
    "adagrad": Case(
        lambda name: keras.optimizers.Adagrad(0.1, epsilon=0.0, name=name),
        lambda name: v1.AdagradOptimizer(0.1, name=name),
    ),
    "adadelta": Case(
        lambda name: keras.optimizers.Adadelta(1.0, epsilon=1e-8, name=name),
        lambda name: v1.AdadeltaOptimizer(1.0, name=name),
    ),
    "ftrl": Case(lambda name: keras.optimizers.Ftrl(0.1, name=name), lambda name: v1.FtrlOptimizer(0.1, name=name)),
}


def tiny_state(make_optimizer):
    gan = Gan("ModularGAN", ("G.batch_norm_fn = @batch_norm",), num_classes=None).make()
    gan.make_optimizers = lambda: (make_optimizer("g_opt"), make_optimizer("d_opt"))
    return TrainState(gan)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_resumes_as_in_tensorflow_1(name, tmp_path):
    state = tiny_state(OPTIMIZERS[name].ours)
    original = OriginalTraining(state, OPTIMIZERS[name].theirs)
    middle = original.run(state, range(4))
    original_checkpoint.restore(original.save(tmp_path / "model.ckpt-4"), state)
    assert int(state.g_optimizer.iterations) == int(state.d_optimizer.iterations) == state.current_step() == 4
    expected = original.run(state, range(4, 7))
    for step in range(4, 7):
        given = gradients(state, step)
        for optimizer, variables in (
            (state.g_optimizer, state.gan.generator.trainable_variables),
            (state.d_optimizer, state.gan.discriminator_variables),
        ):
            optimizer.apply([tf.constant(given[v.path]) for v in variables], variables)
    for variable in (*state.gan.generator.trainable_variables, *state.gan.discriminator_variables):
        moved = np.max(np.abs(expected[variable.path] - middle[variable.path]))
        assert moved > 1e-4
        np.testing.assert_allclose(variable, expected[variable.path], atol=1e-4 * moved, err_msg=variable.path)


def test_optimizer_without_known_slots_is_refused_by_name(tmp_path):
    state = tiny_state(lambda name: keras.optimizers.Lion(0.1, name=name))
    path = original_files.write_checkpoint(tmp_path / "model.ckpt-3", original_files.values_of(state))
    with pytest.raises(ValueError, match="g_opt: slots are known of Adadelta, .*SGD, not of Lion"):
        original_checkpoint.restore(path, state)


def test_slots_of_another_optimizer_are_listed(tmp_path):
    state = tiny_state(OPTIMIZERS["gradient_descent"].ours)
    path = original_files.write_checkpoint(tmp_path / "model.ckpt-3", original_files.values_of(state))
    with pytest.raises(ValueError, match=r"generator/bn1/gamma/g_opt_1: expected none, found \(4,\)"):
        original_checkpoint.restore(path, state)


def test_every_variable_that_does_not_fit_is_listed_and_nothing_is_assigned(case, tmp_path):
    values = original_files.read_checkpoint(GOLDENS / case["checkpoint"])
    del values["discriminator/final_fc/bias"]
    values["discriminator/B9/bias"] = np.zeros(5, np.float32)
    path = original_files.write_checkpoint(tmp_path / "model.ckpt-3", values)
    _, state = make(case, "resnet_biggan.Generator.ch = 4", "resnet_biggan.Generator.embed_bias = True")
    before = {name: variable.numpy() for name, variable in state.variables().items()}
    with pytest.raises(ValueError) as caught:
        original_checkpoint.restore(path, state)
    lines = str(caught.value).splitlines()
    assert "  generator/final_conv/kernel: expected (3, 3, 16, 3), found (3, 3, 32, 3)" in lines
    assert "  generator/embed_y/bias: expected (128,), found missing" in lines
    assert "  discriminator/final_fc/bias: expected (1,), found missing" in lines
    assert "  discriminator/B9/bias: expected none, found (5,)" in lines
    assert not [line for line in lines if "update_accus" in line or "_power" in line]
    assert lines[0].endswith(f"{len(lines) - 1} variables differ:")
    assert all(np.array_equal(before[name], v.numpy()) for name, v in state.variables().items())


def test_missing_and_native_checkpoints_are_refused(case, tmp_path):
    _, state = make(case)
    with pytest.raises(tf.errors.NotFoundError):
        original_checkpoint.restore(tmp_path / "nothing", state)
    path = tf.train.Checkpoint(step=state.step).save(tmp_path / "native")
    with pytest.raises(ValueError, match="was written by TensorFlow 2"):
        original_checkpoint.restore(path, state)
