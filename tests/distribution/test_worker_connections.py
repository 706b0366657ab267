import contextlib
import json
import socket
import subprocess
import sys
import threading
import time

import pytest
from support.free_addresses import free_addresses

from compare_gan2.distribution.cluster import Cluster
from compare_gan2.distribution.worker_connections import WorkerConnections
from compare_gan2.ground.errors import ConfigError

_alive = []


@pytest.fixture(autouse=True)
def partings():
    """Else connections stay watched, and end the process of all tests when another one stops it for long."""
    yield
    while _alive:
        _alive.pop().send("goodbye")


def meet(addresses, settings=None, indices=None, timeout=5.0):
    """What each worker got, a `WorkerConnections` or an error; all in threads of this process."""
    found = {}

    def one(index):
        try:
            cluster = Cluster(addresses, index, "--workers")
            found[index] = WorkerConnections(cluster, timeout, settings[index] if settings else "same")
            _alive.append(found[index])
        except ConfigError as error:
            found[index] = str(error)

    threads = [threading.Thread(target=one, args=[index]) for index in indices or range(len(addresses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_all_meet_and_hear_the_chief():
    connections = meet(free_addresses(3))
    connections[0].start_at(120)
    assert [connections[i].wait_for_start() for i in (1, 2)] == ["120", "120"]
    for worker in connections.values():
        worker.send("goodbye")
    for index in (1, 2):
        connections[index].wait_for_chief()


GARBAGE = {
    "http": b"GET / HTTP/1.0\n",
    "bytes": bytes(range(256)) + b"\n",
    "brackets": b"[" * 60_000 + b"\n",
    "index": json.dumps({"index": [1], "workers": [], "settings": ""}).encode() + b"\n",
    "without_end": b"x" * 1000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_strangers_are_turned_away(garbage):
    addresses = free_addresses(2)
    done = threading.Event()

    def stranger():
        while not done.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("localhost", int(addresses[0][10:]))) as other:
                other.sendall(garbage)
            time.sleep(0.05)

    thread = threading.Thread(target=stranger)
    thread.start()
    connections = {}
    first = threading.Thread(target=lambda: connections.update(meet(addresses, indices=[0], timeout=20)))
    first.start()
    time.sleep(0.5)
    connections |= meet(addresses, indices=[1], timeout=20)
    first.join()
    done.set()
    thread.join()
    assert all(isinstance(worker, WorkerConnections) for worker in connections.values())


def test_silent_strangers_do_not_hold_the_meeting():
    addresses = free_addresses(3)
    found = {}
    threads = [
        threading.Thread(target=lambda index=index: found.update(meet(addresses, indices=[index], timeout=20)))
        for index in range(3)
    ]
    threads[0].start()
    time.sleep(0.3)
    with contextlib.ExitStack() as strangers:
        for _ in range(4):  # 20 s if they were waited for one after the other
            strangers.enter_context(socket.create_connection(("localhost", int(addresses[0][10:]))))
        began = time.monotonic()
        for thread in threads[1:]:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - began < 4
    assert all(isinstance(worker, WorkerConnections) for worker in found.values())


def test_one_index_for_two_workers_is_refused():
    addresses = free_addresses(3)
    found = {}

    def call(name):  # two processes that both take themselves for worker 1, while worker 2 is awaited
        with socket.create_connection(("localhost", int(addresses[0][10:]))) as connection:
            greeting = {"index": 1, "workers": list(addresses), "settings": "same"}
            connection.sendall(json.dumps(greeting).encode() + b"\n")
            found[name] = connection.recv(4096)
            done.wait(20)

    done = threading.Event()
    chief = threading.Thread(target=lambda: found.update(meet(addresses, indices=[0], timeout=20)))
    chief.start()
    time.sleep(0.5)
    callers = [threading.Thread(target=call, args=[name]) for name in ("first", "second")]
    for caller in callers:
        caller.start()
    chief.join(10)
    done.set()
    for thread in (*callers, chief):
        thread.join()
    assert found[0] == f"--worker_index: two processes were started as worker 1 ({addresses[1]})"


def test_a_worker_that_is_started_again_while_others_are_awaited_is_admitted():
    addresses = free_addresses(3)
    greeting = {"index": 1, "workers": list(addresses), "settings": "same"}
    found = {}
    chief = threading.Thread(target=lambda: found.update(meet(addresses, indices=[0], timeout=20)))
    chief.start()
    time.sleep(0.5)
    with socket.create_connection(("localhost", int(addresses[0][10:]))) as connection:
        connection.sendall(json.dumps(greeting).encode() + b"\n")
        assert connection.recv(4096)
    last = threading.Thread(target=lambda: found.update(meet(addresses, indices=[2], timeout=20)))
    last.start()  # two have now come to the chief, of whom one is gone
    time.sleep(1.0)
    found |= meet(addresses, indices=[1], timeout=20)
    last.join()
    chief.join()
    assert all(isinstance(worker, WorkerConnections) for worker in found.values())


def test_an_unknown_host_is_named_with_the_reason():
    (own,) = free_addresses(1)
    message = meet(("no-such-host.invalid:22", own, "a..b:22"), indices=[1], timeout=1.0)[1]
    assert "no connection with worker 0 (no-such-host.invalid:22) (" in message
    message = meet(("a..b:22", own), indices=[1], timeout=1.0)[1]
    assert "worker 0 (a..b:22) (not a host name)" in message


def test_missing_workers_are_named():
    addresses = free_addresses(4)
    found = meet(addresses, indices=[1, 3], timeout=1.0)
    for message in found.values():
        missing = f"worker 0 ({addresses[0]}), worker 2 ({addresses[2]})"
        assert f"--workers: no connection with {missing} within 1 s" in message


def test_other_settings_are_refused():
    found = meet(free_addresses(2), settings=["a = 1\nb = 2", "a = 1\nb = 3"])
    assert "configuration: worker 1" in found[0] and "only here ['b = 2'], only there ['b = 3']" in found[0]
    assert "only here ['b = 3'], only there ['b = 2']" in found[1]


@pytest.mark.parametrize("timeout", [float("nan"), float("inf"), 0.0, -1.0])
def test_a_timeout_that_is_not_a_time_is_refused(timeout):
    message = meet(free_addresses(2), indices=[0], timeout=timeout)[0]
    assert message == f"--worker_timeout: expected a number of seconds above 0, got {timeout}"


def test_port_in_use():
    with socket.create_server(("", 0)) as taken:
        addresses = (f"localhost:{taken.getsockname()[1]}", *free_addresses(1))
        message = meet(addresses, indices=[0])[0]
    assert f"--workers: port {addresses[0][10:]} of worker 0 ({addresses[0]}), this process, cannot be used" in message


SCRIPT = """
import os, signal, sys, time
from compare_gan2.distribution import cluster, worker_connections
from compare_gan2.ground import heartbeat
addresses, index, end = tuple(sys.argv[1].split(",")), int(sys.argv[2]), sys.argv[3]
with worker_connections.connected(cluster.Cluster(addresses, index, "--workers"), 5.0, "same") as found:
    if index == 0:
        found.start_at(0)
        if end == "hangs":
            with heartbeat.of_steps(lambda: (5, 6)):
                time.sleep(60)
        time.sleep(60)
    found.wait_for_start()  # one that ends while others still meet may be started again: no worker is lost
    if end == "hangs":
        with heartbeat.of_steps(lambda: (5, 5)):
            time.sleep(60)
    if end == "garbage":
        found.send("\\xff", "what")
        time.sleep(60)
    if end == "error":
        raise SystemExit(2)
    os.kill(os.getpid(), getattr(signal, end))
"""


@pytest.mark.parametrize(
    "end, message",
    [
        ("SIGKILL", "has ended in the middle of the run"),
        ("SIGSTOP", "has given no sign for"),
        ("error", "has ended with an error, which it shows itself"),
    ],
)
def test_a_lost_worker_ends_the_others(end, message):
    addresses = free_addresses(2)
    survivor, victim = (
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, ",".join(addresses), str(index), end], stderr=subprocess.PIPE, text=True
        )
        for index in (0, 1)
    )
    try:
        _, errors = survivor.communicate(timeout=60)
    finally:
        for process in (survivor, victim):
            process.kill()
            process.communicate()
    assert survivor.returncode == 1
    lines = [line for line in errors.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and f"worker 1 ({addresses[1]}) {message}" in lines[0]
    assert "checkpoints are intact" in lines[0]


@pytest.mark.parametrize(
    "end, message",
    [
        ("hangs", "no worker has finished a step for"),
        ("garbage", "has sent something else than a message"),
    ],
)
def test_a_worker_that_beats_and_does_not_work_ends_the_run(end, message):
    addresses = free_addresses(2)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, ",".join(addresses), str(index), end], stderr=subprocess.PIPE, text=True
        )
        for index in (0, 1)
    ]
    try:
        _, errors = processes[0].communicate(timeout=60)
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert processes[0].returncode == 1
    (line,) = [line for line in errors.splitlines() if line.startswith("error: ")]
    assert message in line and f"worker 1 ({addresses[1]})" in line
