import errno
import os
import signal
import threading
import time

import pytest

from compare_gan2.ground import disks, stop_request
from compare_gan2.ground.errors import ConfigError, TrainingFailed


def full(path=None):
    return OSError(errno.ENOSPC, "No space left on device", path)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(disks, "WAITS", (0.01, 0.02))


class Output:
    """Fails so many times."""

    def __init__(self, failures, error=None):
        self.failures, self.error = failures, error or full()

    def save(self, value):
        self.failures -= 1
        if self.failures >= 0:
            raise self.error
        return value


def test_a_full_disk_is_waited_for(tmp_path, caplog):
    assert disks.Waiting(Output(2), tmp_path).save(3) == 3
    assert f"no space left on the disk of {tmp_path}" in caplog.text
    assert "tries again in 0.01 s" in caplog.text and "tries again in 0.02 s" in caplog.text


def test_a_signal_ends_the_wait(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(disks, "WAITS", (60.0, 60.0))
    began, output = time.monotonic(), Output(9)
    with stop_request.listening(owns_process=False), pytest.raises(stop_request.Stopped) as stopped:
        with stop_request.deferred("stopping after this step ..."):
            threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGTERM]).start()
            disks.Waiting(output, tmp_path).save(3)
    assert time.monotonic() - began < 10 and stopped.value.exit_code == 143
    assert f"no space left on the disk of {tmp_path}: stops, nothing more is saved" in caplog.text
    assert output.failures == 8  # one try


def test_a_request_before_the_disk_was_full_is_not_waited_with_either(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "WAITS", (60.0, 60.0))
    began = time.monotonic()
    with stop_request.listening(owns_process=False), pytest.raises(stop_request.Stopped):
        with stop_request.deferred("stopping after this step ..."):
            os.kill(os.getpid(), signal.SIGINT)
            while stop_request.requested() is None:
                time.sleep(0.01)
            disks.patiently(tmp_path, Output(9).save, 3)
    assert time.monotonic() - began < 10


def test_it_ends_and_other_errors_are_not_waited_for(tmp_path, caplog):
    with pytest.raises(OSError, match="No space left"):
        disks.Waiting(Output(3), tmp_path).save(3)
    caplog.clear()
    with pytest.raises(PermissionError):
        disks.Waiting(Output(1, PermissionError()), tmp_path).save(3)
    assert not caplog.text


def test_the_disk_of_the_named_file_is_named(tmp_path):
    run, cache = tmp_path / "run", tmp_path / "cache"
    run.mkdir()
    with pytest.raises(TrainingFailed, match=f"no space left on the disk of {cache}; a is intact, the same command"):
        with disks.failures_named(run, [cache], lambda: "a is intact"):
            raise full(str(cache / "shard"))
    with pytest.raises(TrainingFailed, match=f"no space left on the disk of {run};"):
        with disks.failures_named(run, [cache]):
            raise full(str(run / "scores.csv"))


def test_a_removed_folder_is_named(tmp_path):
    run = tmp_path / "run"
    with pytest.raises(TrainingFailed, match=f"{run}/training.csv: No such file or directory .{run} was removed."):
        with disks.failures_named(run), open(run / "training.csv", "ab"):
            pass
    with pytest.raises(KeyError), disks.failures_named(run):
        raise KeyError("mine")


def test_room_is_required_with_numbers(tmp_path):
    disks.require_room(1, tmp_path / "new", "an option: 2 files", "free some")
    with pytest.raises(ConfigError, match=f"an option: 2 files need 1e.06 TB on the disk of {tmp_path}.* free some"):
        disks.require_room(10**18, tmp_path, "an option: 2 files", "free some")


@pytest.mark.parametrize(
    "count, text",
    [(0, "0 bytes"), (999, "999 bytes"), (999_400, "999 kB"), (999_600, "1 MB"), (1_500_000_000, "1.5 GB")],
)
def test_sizes_are_readable(count, text):
    assert disks.readable_size(count) == text
