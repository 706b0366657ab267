"""Signals to a process of its own: what is said, what raises, what ends it at once, and what is put back."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from compare_gan2.ground import stop_request

PRELUDE = """
import os, signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from compare_gan2.ground import messages, stop_request
stop_request.PATIENCE = 1.0
"""


def run(body, *signals, pause=0.5, stdout=subprocess.PIPE):
    """(exit code, standard output, standard error, seconds) of a program that prints "ready" and gets signals."""
    script = PRELUDE + "with messages.shown(), stop_request.listening():\n"
    script += "".join(f"    {line}\n" for line in body.strip().splitlines())
    process = subprocess.Popen([sys.executable, "-c", script], stdout=stdout, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline() if stdout == subprocess.PIPE else None
    assert first in ("ready\n", None)
    began = time.monotonic()
    for number in signals:
        process.send_signal(number)
        time.sleep(pause)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err, time.monotonic() - began


LOOP = """
with stop_request.deferred("stopping after this step ..."):
    print("ready", flush=True)
    while not stop_request.requested():
        time.sleep(0.01)
    time.sleep({rest})
    print("saved", flush=True)
"""


@pytest.fixture(autouse=True, scope="module")
def hang_ups_are_not_ignored():
    """Under `nohup` they are, and processes started here would inherit that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_is_answered_at_once_and_carried_out_by_the_loop(number):
    code, out, err, _ = run(LOOP.format(rest=0.2), number)
    assert (code, out) == (1, "stopping after this step ...\nsaved\n")  # a traceback, as nothing catches it here
    assert f"stopped by {number.name}" in err


def test_work_that_would_be_lost_is_not_cut_off_by_the_first_signal_but_by_the_second():
    code, out, _, seconds = run(LOOP.format(rest=3), signal.SIGTERM)
    assert code == 1 and out.endswith("saved\n") and seconds > 2.5
    code, out, err, seconds = run(LOOP.format(rest=20), signal.SIGTERM, signal.SIGTERM)
    assert code == 143 and "saved" not in out and "SIGTERM again, ended at once" in err and seconds < 10


def test_other_work_is_interrupted_or_ended():
    code, out, err, seconds = run("print('ready', flush=True)\ntime.sleep(20)", signal.SIGTERM)
    assert code == 1 and out == "stopping ...\n" and "stopped by SIGTERM" in err and seconds < 10
    deaf = ["while True:", "    try:", "        print('ready', flush=True)", "        time.sleep(20)"]
    deaf = "\n".join([*deaf, "    except BaseException:", "        pass"])
    code, _, err, seconds = run(deaf, signal.SIGTERM)
    assert code == 143 and "error: stopped by SIGTERM; what was saved before is intact" in err and seconds < 10


def test_a_reader_that_is_gone_does_not_keep_the_program_from_saving(tmp_path):
    reading, writing = os.pipe()
    body = LOOP.format(rest=0.1) + f"    open({str(tmp_path / 'saved')!r}, 'w').close()\n"
    script = PRELUDE + "with messages.shown(), stop_request.listening():\n"
    script += "".join(f"    {line}\n" for line in body.strip().splitlines())
    process = subprocess.Popen([sys.executable, "-c", script], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    with open(reading) as reader:
        assert reader.readline() == "ready\n"
    # Closed now, as a `tee` that got the same Ctrl-C
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert (tmp_path / "saved").exists() and process.returncode == 1


def test_ignored_signals_stay_ignored_and_handlers_are_put_back():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        with stop_request.listening():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not before[1]
            with stop_request.listening():
                pass
            assert signal.getsignal(signal.SIGTERM) is not before[1]
    finally:
        signal.signal(signal.SIGHUP, before[0])
    assert signal.getsignal(signal.SIGTERM) is before[1] and signal.set_wakeup_fd(-1) == -1


def test_nothing_is_installed_outside_of_the_main_thread():
    handlers = []

    def other():
        with stop_request.listening(), stop_request.deferred("never"):
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGTERM)] and stop_request.requested() is None


def test_a_notebook_is_interrupted_and_lives_on():
    with pytest.raises(KeyboardInterrupt), stop_request.listening([signal.SIGINT], owns_process=False):
        signal.raise_signal(signal.SIGINT)
        time.sleep(5)
    assert stop_request.requested() is None
