import pathlib

import numpy as np
import pytest
import tensorflow as tf

from compare_gan2 import configuration, conformance, gin_names, original_checkpoint
from compare_gan2.options import Options
from compare_gan2.training.state import TrainState

GOLDENS = pathlib.Path(__file__).parent / "goldens"
NAME = "tf1_checkpoint_s3gan"

assert gin_names.MODULES  # all names are declared


@pytest.fixture
def case():
    return conformance.read_manifest(GOLDENS, NAME)[NAME]


def make(case, *bindings):
    configuration.parse([], [*case["bindings"], *bindings])
    options = configuration.build(Options)
    gan = configuration.build(options.gan_class, options=options, image_shape=(32, 32, 3), num_classes=10)
    gan.check_batch(1)
    gan.create()
    return gan, TrainState(gan)


def trained(case, gan, state, first, count):
    """Losses of native training steps on the recorded inputs, from the state as it is."""
    step = conformance.TrainStep(gan, state)
    rows = []
    for k in range(first, first + count):
        inputs = conformance.recorded_inputs(
            case["train_inputs"], k, case["train_batch"], gan, 10, case["labelled_every"]
        )
        scalars = step((inputs,), state.step, conformance.RecordedNoise())
        state.count_step()
        rows.append([float(scalars["loss/d_0"]), float(scalars["loss/g"])])
    return rows


def test_imported_checkpoint_equals_native_training_and_goes_on_like_it(case):
    gan, state = make(case)
    recorded = {
        name: {"shape": tuple(variable.shape)}
        for name, variable in state.variables().items()
        if name.startswith(("generator", "discriminator"))
    }
    conformance.assign_recipe(state.variables(), recorded)
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


def test_every_variable_that_does_not_fit_is_listed_and_nothing_is_assigned(case):
    _, state = make(case, "resnet_biggan.Generator.ch = 4", "resnet_biggan.Generator.embed_bias = True")
    before = {name: variable.numpy() for name, variable in state.variables().items()}
    with pytest.raises(ValueError) as caught:
        original_checkpoint.restore(GOLDENS / case["checkpoint"], state)
    assert "generator/final_conv/kernel: expected (3, 3, 16, 3), found (3, 3, 32, 3)" in str(caught.value)
    assert "generator/embed_y/bias: expected (128,), found missing" in str(caught.value)
    assert all(np.array_equal(before[name], v.numpy()) for name, v in state.variables().items())
    with pytest.raises(tf.errors.NotFoundError):
        original_checkpoint.restore(GOLDENS / "nothing", state)
