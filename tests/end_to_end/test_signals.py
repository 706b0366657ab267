"""Ctrl-C, SIGTERM and SIGHUP while a run trains: the step is saved, and the run ends as if it had not been stopped."""

import signal
import time

import numpy as np
import pytest
from support import tiny_run

from compare_gan2.run_folder.checkpoint_files import checkpoint_steps, regular_steps

STEPS = 200
LONG = tiny_run.QUICK | {
    "options.training_steps": STEPS,
    "run_config.save_checkpoints_steps": STEPS,
    "run_config.iterations_per_loop": STEPS // 2,
}


@pytest.fixture(autouse=True, scope="module")
def hang_ups_are_not_ignored():
    """Under `nohup` they are, and processes started here would inherit that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signals") / "whole"
    assert tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, **LONG).code == 0
    return folder


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_call_of_many_steps_is_broken_off_saved_and_resumed_to_the_same_bits(number, code, whole, tmp_path):
    folder = tmp_path / "run"
    process = tiny_run.start(folder, tiny_run.TRAIN_ONLY, **LONG)
    tiny_run.wait_for_rows(process, folder, STEPS // 2 - 1)  # the first call is done, the second one has begun
    process.send_signal(number)
    began = time.monotonic()
    stopped = tiny_run.result(process)
    assert (stopped.code, time.monotonic() - began < 30) == (code, True), stopped
    (step,) = set(checkpoint_steps(folder)) - {0}
    assert STEPS // 2 <= step <= STEPS and tiny_run.rows(folder) == step
    if step < STEPS:
        assert "stopping after this step ..." in stopped.out
        assert regular_steps(folder) == {0} and not (folder / "TRAIN_DONE").exists()
    if number != signal.SIGTERM:  # the others save the same step in the same way
        return
    finished = tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, **LONG)
    assert finished.code == 0, finished.err
    assert checkpoint_steps(folder) == [0, STEPS] and not list(folder.glob("*.extra"))
    assert (folder / "training.csv").read_bytes() == (whole / "training.csv").read_bytes()
    expected, got = tiny_run.values(whole, STEPS), tiny_run.values(folder, STEPS)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        assert np.asarray(value).tobytes() == np.asarray(got[name]).tobytes(), name
