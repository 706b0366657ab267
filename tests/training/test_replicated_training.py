"""20 steps of every GAN class on logical devices and on processes of their own, against one device."""

import functools
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from support import tiny_run
from support.catalogue import CONDITIONAL_GAN, SPECTRAL, Gan
from support.free_addresses import free_addresses
from support.parts_on_one_device import PartsOnOneDevice
from support.replicated_run import BATCH_SIZE, CASES, SHARED, STEPS, WITH_BLOCKS, made, trained

from compare_gan2.distribution.strategy import get_strategy

pytestmark = pytest.mark.usefixtures("unoptimized")
SCRIPT = str(pathlib.Path(__file__).parents[1] / "support" / "replicated_run.py")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """{(kind, replicas): [the values that each process wrote]}."""
    folder, commands = tmp_path_factory.mktemp("replicated"), {("devices", 4): [("4",)]}
    addresses = ",".join(free_addresses(2))
    commands["processes", 2] = [(str(index), addresses) for index in range(2)]
    return {key: outputs(given, folder / f"{key[0]}-{key[1]}") for key, given in commands.items()}


def outputs(commands, prefix):
    """What processes that run side by side wrote."""
    files = [f"{prefix}-{index}.npz" for index in range(len(commands))]
    pairs = zip(commands, files, strict=True)
    for process in [tiny_run.start_script(SCRIPT, *command, file) for command, file in pairs]:
        ended = tiny_run.result(process)
        assert ended.code == 0, ended.err[-3000:]
    return [dict(np.load(file)) for file in files]


@functools.cache
def reference(name, parts):
    """{variable or loss: array} on one device with the batch in parts."""
    case = CASES[name]
    gan, state = made(case, parts)
    one_device = PartsOnOneDevice(gan, state, parts)
    step = tf.function(lambda batch: one_device.step([batch]), autograph=False)
    losses = [step(case.batch(number, BATCH_SIZE)) for number in range(STEPS)]
    values = {key: variable.numpy() for key, variable in state.variables().items()}
    return values | {tag: np.stack([loss[tag] for loss in losses]) for tag in losses[0]}


def assert_close(values, expected):
    assert values["global_step"] == STEPS
    for key, wanted in expected.items():
        scale = max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(values[key], wanted, rtol=0, atol=1e-5 * scale, err_msg=key)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind, replicas", [("devices", 4), ("processes", 2)])
def test_replicas_equal_parts_on_one_device(name, kind, replicas, results):
    first, *others = results[kind, replicas]
    assert len(others) == (replicas - 1 if kind == "processes" else 0)
    for other in others:
        assert other.keys() == first.keys()
        for key in first:
            np.testing.assert_array_equal(other[key], first[key], err_msg=key)
    values = {key.removeprefix(f"{name}:"): value for key, value in first.items() if key.startswith(f"{name}:")}
    assert_close(values, reference(name, replicas))


@pytest.mark.parametrize("name", CASES)
def test_two_devices_of_this_process(name):
    strategy, _ = get_strategy(False, num_devices=2)
    assert strategy.num_replicas_in_sync == 2
    assert_close(trained(strategy, CASES[name]), reference(name, 2))


def test_rematerialized_blocks_on_two_devices():
    """Replicas are traced in threads that take turns at each exchange of moments, within a block."""
    strategy, _ = get_strategy(False, num_devices=2)
    expected, actual = (trained(strategy, WITH_BLOCKS, steps=2, remat=remat) for remat in (False, True))
    assert actual.keys() == expected.keys()
    for key, wanted in expected.items():
        scale = max(1e-2, np.abs(wanted).max())
        np.testing.assert_allclose(actual[key], wanted, rtol=0, atol=2e-3 * scale, err_msg=key)


def test_parts_of_a_batch_on_two_devices():
    """Moments over the replicas of a part; without them, four parts equal the whole."""
    strategy, _ = get_strategy(False, num_devices=2)
    with_moments = trained(strategy, CASES["s3gan"], steps=2, parts=2)
    assert all(np.isfinite(values).all() for values in with_moments.values())
    case = Gan("ModularGAN", (*SPECTRAL, *CONDITIONAL_GAN, "G.batch_norm_fn = @no_batch_norm", *SHARED))
    expected, actual = trained(tf.distribute.get_strategy(), case, steps=5), trained(strategy, case, steps=5, parts=2)
    assert actual.keys() == expected.keys()
    for key, wanted in expected.items():
        np.testing.assert_allclose(actual[key], wanted, rtol=0, atol=1e-4 * max(1.0, np.abs(wanted).max()), err_msg=key)


def test_without_terms_per_part_the_number_of_replicas_does_not_matter(results):
    expected = reference("modular", 1)
    for key, processes in results.items():
        values = processes[0]
        assert_close({k.removeprefix("modular:"): v for k, v in values.items() if k.startswith("modular:")}, expected)
        assert key[1] > 1


def test_weights_have_moved_far():
    case = CASES["s3gan"]
    gan, state = made(case, 2)
    expected = reference("s3gan", 2)
    moved = [np.abs(variable.numpy() - expected[key]).max() for key, variable in state.variables().items()]
    assert np.median(moved) > 0.01
