"""Connections between the workers of a run: none starts before all are connected, and all end when one is lost.

TensorFlow waits forever for a worker that never comes, without naming it; when one dies, the others hang or abort. So
each pair of workers keeps a connection of its own, made on the workers' ports before TensorFlow uses them: worker i
calls every worker before it. A lost connection, or a silent one, ends the process with a message.
"""

import contextlib
import math
import os
import selectors
import socket
import sys
import threading
import time

from compare_gan2.distribution.greeting import Greeting, NoGreeting
from compare_gan2.distribution.worker_sockets import difference, is_closed, listening
from compare_gan2.ground import heartbeat, stop_request
from compare_gan2.ground.errors import ConfigError

BEAT_SECONDS = 1.0
RETRY_SECONDS = 0.2
CONNECT_SECONDS = 5.0
MAX_MESSAGE = 1 << 12  # bytes
COMPILING = 4  # times the timeout are waited for the first step, which is compiled
GRACE_SECONDS = 3.0  # for this process to report its own error, if the same one has ended another process
BEAT, GOODBYE, FAILED, START, STOP = "beat", "goodbye", "failed", "start", "stop"
BUSY = "busy"  # not in a graph call of training: no steps are expected


@contextlib.contextmanager
def connected(cluster, timeout, settings, symptoms=()):
    """Context manager: `WorkerConnections` to the workers of a cluster; None without a cluster.

    Args:
        cluster: `Cluster` or None.
        timeout, settings: see `WorkerConnections`.
        symptoms: types of errors that the loss of another worker causes here.
    """
    if cluster is None:
        yield None
        return
    connections = WorkerConnections(cluster, timeout, settings)
    try:
        with stop_request.answering(lambda number: connections.send(STOP, int(number))):
            yield connections
    except stop_request.Stopped:
        if not cluster.is_chief:
            connections.wait_for_chief(stop_request.PATIENCE)  # which saves; TensorFlow would end it with this process
        connections.send(GOODBYE)
        raise
    except BaseException as error:
        if isinstance(error, symptoms):
            time.sleep(GRACE_SECONDS)  # the watch is about to report which worker is lost
        connections.send(FAILED)
        raise
    connections.send(GOODBYE)


class WorkerConnections:
    """Connections to all other workers, watched by a thread.

    Args:
        cluster: `Cluster`.
        timeout: seconds to wait for a worker, at the start and between two heartbeats.
        settings: text that must be the same on all workers.

    Raises:
        ConfigError: if a worker does not connect in time or has other settings, the port of this one is taken, or the
            timeout is not a number of seconds.
    """

    def __init__(self, cluster, timeout, settings=""):
        if not (math.isfinite(timeout) and timeout > 0):
            raise ConfigError(f"--worker_timeout: expected a number of seconds above 0, got {timeout}")
        self.cluster = cluster
        self.timeout = timeout
        self._greeting = {"index": cluster.index, "workers": list(cluster.workers), "settings": settings}
        self._sockets = {}
        self._greetings = []  # (`Greeting`, worker that was called, None for one that called)
        self._pending = {}  # worker: bytes of a message that has not arrived whole
        self._gone = set()  # workers that said goodbye
        self._unresolved = {}  # worker: why its host name leads nowhere
        self._start = None
        self._changed = threading.Condition()
        self._meet()
        now = time.monotonic()
        self._heard = dict.fromkeys(self._sockets, now)
        self._progress = {}  # worker: words of its last heartbeat
        self._moved = now  # when any worker last finished a step, or was at other work
        threading.Thread(target=self._watch, daemon=True).start()

    def send(self, *words):
        """Sends a message to all workers."""
        message = " ".join(map(str, words)).encode() + b"\n"
        for connection in self._sockets.values():
            with contextlib.suppress(OSError):  # the watch finds out
                connection.send(message, socket.MSG_DONTWAIT)

    def start_at(self, step):
        """Sends the workers the checkpoint from which training resumes: a step, "new" or "done"; for the chief."""
        self.send(START, step)

    def wait_for_start(self):
        """Text that the chief sends with `start_at`; blocks until it arrives."""
        with self._changed:
            self._changed.wait_for(lambda: self._start is not None)
        return self._start

    def wait_for_chief(self, timeout=None):
        """Blocks until the chief has finished, or for so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: 0 in self._gone, timeout)

    def _meet(self):
        deadline = time.monotonic() + self.timeout
        index, count = self.cluster.index, len(self.cluster.workers)
        with listening(self.cluster) as server:
            try:
                while not self._are_present(count - 1):
                    if time.monotonic() > deadline:
                        raise ConfigError(self._missing())
                    called = {other for _, other in self._greetings}
                    for other in set(range(index)) - self._sockets.keys() - called:
                        self._call(other)
                    server.settimeout(RETRY_SECONDS / (10 if self._greetings else 1))
                    self._accept(server)
                    self._hear_greetings()
            finally:
                for greeting, _ in self._greetings:
                    greeting.connection.close()

    def _are_present(self, count):
        """Whether `count` workers are connected; drops closed connections so that a worker can reconnect."""
        if len(self._sockets) < count:
            return False
        closed = [index for index, connection in self._sockets.items() if is_closed(connection)]
        for index in closed:
            self._sockets.pop(index).close()
        return not closed

    def _missing(self):
        absent = set(range(len(self.cluster.workers))) - self._sockets.keys() - {self.cluster.index}
        why = {i: f" ({self._unresolved[i]})" if i in self._unresolved else "" for i in absent}
        missing = ", ".join(f"{self.cluster.name(i)}{why[i]}" for i in sorted(absent))
        return (
            f"{self.cluster.option}: no connection with {missing} within {self.timeout:g} s (--worker_timeout); is it "
            "started, and is its port open?"
        )

    def _call(self, other):
        try:
            connection = socket.create_connection(self.cluster.address(other), timeout=CONNECT_SECONDS)
        except (socket.gaierror, UnicodeError) as error:  # not known yet, or never
            self._unresolved[other] = getattr(error, "strerror", None) or "not a host name"
            time.sleep(RETRY_SECONDS / 4)
            return
        except OSError:  # not listening yet
            self._unresolved.pop(other, None)
            time.sleep(RETRY_SECONDS / 4)
            return
        self._greetings.append((Greeting(connection, self._greeting), other))

    def _accept(self, server):
        try:
            connection, _ = server.accept()
        except TimeoutError:
            return
        self._greetings.append((Greeting(connection, self._greeting), None))

    def _hear_greetings(self):
        """Admits the workers that have said who they are; a silent stranger is not waited for."""
        waiting, self._greetings = self._greetings, []
        for number, (greeting, called) in enumerate(waiting):
            try:
                theirs = greeting.theirs()
            except NoGreeting:
                greeting.connection.close()
                continue
            if theirs is None:
                self._greetings.append((greeting, called))
                continue
            other = theirs["index"] if called is None else called
            if called is None and other not in range(self.cluster.index + 1, len(self.cluster.workers)):
                greeting.connection.close()
                continue
            try:
                self._admit(greeting.connection, theirs, other)
            except ConfigError:
                self._greetings += [(greeting, called), *waiting[number + 1 :]]  # to be closed
                raise

    def _admit(self, connection, greeting, other):
        if other in self._sockets and not is_closed(self._sockets[other]):
            raise ConfigError(f"--worker_index: two processes were started as {self.cluster.name(other)}")
        for name, ours in self._greeting.items():
            expected = other if name == "index" else ours
            if greeting[name] != expected:
                what = {"index": "--worker_index", "workers": self.cluster.option}.get(name, "configuration")
                raise ConfigError(
                    f"{what}: {self.cluster.name(other)} was started with another one than worker "
                    f"{self.cluster.index}: {difference(expected, greeting[name])}"
                )
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets[other] = connection

    def _watch(self):
        with selectors.DefaultSelector() as selector:
            for index, connection in self._sockets.items():
                selector.register(connection, selectors.EVENT_READ, index)
            beat = time.monotonic()
            while selector.get_map():
                for key, _ in selector.select(max(0.0, beat - time.monotonic())):
                    if not self._hear(key.data):
                        selector.unregister(key.fileobj)
                if time.monotonic() >= beat:
                    beat = time.monotonic() + BEAT_SECONDS
                    own = heartbeat.progress()
                    self.send(BEAT, *((BUSY,) if own is None else own))
                    self._require_signs()
                    self._require_steps(own)

    def _hear(self, index):
        """Whether more messages may come from a worker, after reading those that it sent."""
        try:
            data = self._sockets[index].recv(4096)
        except OSError:
            data = b""
        self._heard[index] = time.monotonic()
        *messages, self._pending[index] = (self._pending.get(index, b"") + data).split(b"\n")
        for message in messages:
            self._handle(index, *message.decode(errors="replace").split())
        if len(self._pending[index]) > MAX_MESSAGE:
            self._handle(index)
        if not data and index not in self._gone:
            self._end(f"{self.cluster.name(index)} has ended in the middle of the run")
        return bool(data)

    def _handle(self, index, kind=None, *words):
        if kind not in (BEAT, GOODBYE, FAILED, START, STOP):
            self._end(f"{self.cluster.name(index)} has sent something else than a message")
        if kind == BEAT:
            if words != self._progress.get(index) or words == (BUSY,):
                self._moved = time.monotonic()
            self._progress[index] = words
        if kind == STOP:
            name = self.cluster.name(index)
            stop_request.pass_on(int(words[0]), f"{name} is asked to stop")
        if kind == FAILED:
            time.sleep(GRACE_SECONDS)
            self._end(f"{self.cluster.name(index)} has ended with an error, which it shows itself")
        with self._changed:
            if kind == GOODBYE:
                self._gone.add(index)
            if kind == START:
                (self._start,) = words
            self._changed.notify_all()

    def _require_signs(self):
        for index in self._heard.keys() - self._gone:
            silence = time.monotonic() - self._heard[index]
            if silence > self.timeout:
                self._end(f"{self.cluster.name(index)} has given no sign for {silence:.0f} s (--worker_timeout)")

    def _require_steps(self, own):
        """Ends this process if all workers are in the steps of training and none has finished one for long.

        A step is one exchange between all workers, so none gets ahead of one that hangs in TensorFlow or in its data;
        whose count of batches is behind has not received its part.
        """
        counts = {index: words for index, words in self._progress.items() if index not in self._gone}
        if own is None or counts.keys() != self._sockets.keys() or any(words == (BUSY,) for words in counts.values()):
            self._moved = time.monotonic()
            return
        silence, patience = time.monotonic() - self._moved, self.timeout * (1 if own[0] else COMPILING)
        if silence > patience:
            received = {self.cluster.index: own[1]} | {index: int(words[1]) for index, words in counts.items()}
            late = [index for index, count in received.items() if count < max(received.values())]
            names = ", ".join(self.cluster.name(index) for index in sorted(late))
            who = f"{names} still waits for data" if late else "none of the workers waits for data"
            self._end(f"no worker has finished a step for {silence:.0f} s (--worker_timeout); {who}", GRACE_SECONDS)

    def _end(self, reason, wait=0.0):
        # At once: the main thread hangs in a collective operation, or TensorFlow is about to abort the process.
        advice = "checkpoints are intact; the same commands on all workers resume from the last one"
        sys.stdout.flush()
        sys.stderr.write(f"\nerror: {reason}; {advice}\n")
        sys.stderr.flush()
        time.sleep(wait)  # until the others have found the same, in place of the end of this process
        os._exit(1)
