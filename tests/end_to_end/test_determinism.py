"""The same seed gives the same run to the last bit, whether it was stopped on the way or not."""

import signal

import numpy as np
import pytest
from support import tiny_run

from compare_gan2.command_line.frame import RESUMABLE
from compare_gan2.run_folder.checkpoint_files import checkpoint_steps

STEPS, EVERY = 48, 12
LONG = tiny_run.TINY | {
    "options__disc_iters": 2,
    "options__training_steps": STEPS,
    "run_config__save_checkpoints_steps": EVERY,
    "run_config__iterations_per_loop": 1,
}


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory):
    """Folder of a run that went through."""
    folder = tmp_path_factory.mktemp("determinism") / "never_stopped"
    result = tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, **LONG)
    assert result.code == 0, result.err
    return folder


def stop(folder, sign):
    """(`Result`, step of the last checkpoint) of the run, stopped by a signal after its first checkpoint or later."""
    before = tiny_run.rows(folder)
    process = tiny_run.start(folder, tiny_run.TRAIN_ONLY, **LONG)
    tiny_run.wait_for_rows(process, folder, max(EVERY, before) + 2)
    process.send_signal(sign)
    result = tiny_run.result(process)
    assert tiny_run.rows(folder) < STEPS and not (folder / "TRAIN_DONE").exists(), "the signal came too late"
    return result, max(checkpoint_steps(folder))


def test_a_stopped_run_ends_bitwise_equal(never_stopped, tmp_path):
    folder = tmp_path / "stopped"
    interrupted, step = stop(folder, signal.SIGINT)
    assert interrupted.code == 130
    assert tiny_run.error_line(interrupted) == f"error: interrupted; {RESUMABLE}"
    assert "resumes" not in interrupted.out
    killed, last = stop(folder, signal.SIGKILL)
    assert killed.code == -signal.SIGKILL
    assert f"resumes from step {step} " in killed.out

    finished = tiny_run.in_process(folder, tiny_run.TRAIN_ONLY, **LONG)
    assert finished.code == 0, finished.err
    assert last >= EVERY and f"resumes from step {last} (checkpoint model.ckpt-{last})" in finished.out
    assert (folder / "training.csv").read_bytes() == (never_stopped / "training.csv").read_bytes()
    expected, got = tiny_run.values(never_stopped, STEPS), tiny_run.values(folder, STEPS)
    assert expected.keys() == got.keys()
    for name, value in expected.items():
        assert np.asarray(value).tobytes() == np.asarray(got[name]).tobytes(), name
    picture = f"samples/step-{STEPS}.png"
    assert (folder / picture).read_bytes() == (never_stopped / picture).read_bytes()


def losses(folder, **bindings):
    """The lines of training.csv of a short run."""
    result = tiny_run.quick(folder, tiny_run.TRAIN_ONLY, **bindings)
    assert result.code == 0, result.err
    return (folder / "training.csv").read_text().splitlines()


def test_same_seed_gives_the_same_losses_at_other_intervals(never_stopped, tmp_path):
    expected = (never_stopped / "training.csv").read_text().splitlines()
    same = losses(tmp_path / "same", options__disc_iters=2)
    assert same == expected[: len(same)] and len(same) == 7


def test_another_seed_gives_other_losses(never_stopped, tmp_path):
    expected = (never_stopped / "training.csv").read_text().splitlines()
    other = losses(tmp_path / "other", options__disc_iters=2, run_config__tf_random_seed=1, options__training_steps=2)
    assert other[0] == expected[0]
    assert all(mine != theirs for mine, theirs in zip(other[1:], expected[1:], strict=False))
