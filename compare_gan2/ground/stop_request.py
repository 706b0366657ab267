"""Requests to stop: Ctrl-C, SIGTERM and SIGHUP end a program where nothing is lost, a second one ends it at once.

Python runs a signal's handler in the main thread, between two of its own instructions, so not before a graph call of
many steps has ended. A thread reads the number of the signal from a pipe instead (`signal.set_wakeup_fd`): it answers
at once, has the graph call broken off, and ends a process that cannot be interrupted.
"""

import contextlib
import os
import signal
import sys
import threading
import time

from compare_gan2.ground.messages import log

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 20.0  # seconds for work of which nothing has to be saved; clouds end a process 30 s after SIGTERM
_state = None  # of the innermost `listening`, which is the outermost: others within it do nothing


class Stopped(KeyboardInterrupt):
    """Raised in the main thread once a requested stop has been carried out.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number

    @property
    def exit_code(self):
        """128 plus the number of the signal, as shells count."""
        return 128 + self.number


class _State:
    """What is known of requests while a program listens."""

    def __init__(self, numbers, owns_process):
        self.numbers = frozenset(numbers)  # of the signals that have handlers
        self.owns_process = owns_process
        self.number = None  # of the first signal
        self.signals = 0  # that came so far
        self.passed_on = 0  # signals to come that repeat the request of another process
        self.deferred = None  # (message, has_unsaved) while requests do not raise
        self.answers = []  # functions (number), called in the thread that reads signals
        self.call = None  # (ask, taken) of the last graph call
        self.lock = threading.RLock()

    def has_unsaved(self):
        """Whether an end now would lose steps."""
        deferred, call = self.deferred, self.call
        return deferred is not None and (deferred[1]() or (call is not None and call[1]() > 0))


def requested():
    """Number of the signal that asked for a stop; None without one."""
    return None if _state is None else _state.number


@contextlib.contextmanager
def listening(numbers=NUMBERS, *, owns_process=True):
    """Context manager: these signals stop what runs in it with a `Stopped`; afterwards handlers are as before.

    It does nothing outside of the main thread or within another one. A signal that is ignored, as SIGHUP under `nohup`,
    or that has a handler of the caller's own, is left alone.

    Args:
        numbers: signals.
        owns_process: whether the process may be ended: at once by a second signal, or if nothing has to be saved and it
            does not react to the first one.
    """
    global _state
    if _state is not None or threading.current_thread() is not threading.main_thread():
        yield
        return
    free = [n for n in numbers if signal.getsignal(n) in (signal.SIG_DFL, signal.default_int_handler)]
    state = _State(free, owns_process)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, _raise_unless_deferred) for number in free}
    fd_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    _state = state
    thread = threading.Thread(target=_read, args=(reading, state, fd_before), daemon=True)
    thread.start()
    streams = sys.stdout, sys.stderr
    if owns_process:
        sys.stdout, sys.stderr = (stream and _Lasting(stream) for stream in streams)
    try:
        yield
    finally:
        if owns_process:
            sys.stdout, sys.stderr = streams
        signal.set_wakeup_fd(fd_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        _state = None
        os.close(writing)  # which ends the thread
        thread.join()


def take_back_signals():
    """Puts the handlers of `listening` in place again, after a library has set its own in C, unseen by Python."""
    if _state is not None and threading.current_thread() is threading.main_thread():
        for number in _state.numbers:
            signal.signal(number, _raise_unless_deferred)


@contextlib.contextmanager
def deferred(message, has_unsaved=lambda: True):
    """Context manager: a request is answered with a message and does not raise in it; the code there asks `requested`.

    If it ends without having raised, the request is carried out then.

    Args:
        message: one line, shown as soon as a stop is requested.
        has_unsaved: function that returns whether an end now would lose anything; while it would not, a request raises.
    """
    state = _state
    if state is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before, state.deferred = state.deferred, (message, has_unsaved)
    try:
        yield
    finally:
        state.deferred = before
    _raise_if_due(state)


@contextlib.contextmanager
def interruptible():
    """Context manager, within `deferred`: requests raise here, those that came before included."""
    state = _state
    if state is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    before, state.deferred = state.deferred, None
    try:
        _raise_if_due(state)
        yield
    finally:
        state.deferred = before


def watch_call(ask, taken):
    """Has a graph call that is about to begin broken off by a request, also by one that came before.

    Args:
        ask: function that requests the end from within, called in another thread.
        taken: function that returns how many steps the call has taken; asked until the next call begins.
    """
    if _state is not None:
        with _state.lock:
            _state.call = ask, taken
            if _state.number is not None:
                ask()


@contextlib.contextmanager
def answering(answer):
    """Context manager: `answer` (number of the signal) is called, in another thread, when a stop is requested."""
    state = _state
    if state is None:
        yield
        return
    state.answers.append(answer)
    try:
        yield
    finally:
        state.answers.remove(answer)


def pass_on(number, message):
    """Has this process stop because another one was asked to, as if it had got the signal itself."""
    state = _state
    if state is None:
        return
    with state.lock:
        if state.number is not None:
            return
        state.passed_on = 2  # our own copy below, and one that the sender's group got, too, are not second requests
        log.info(message)
        _begin(state, number)
    os.kill(os.getpid(), number)  # wakes the main thread up


def stopped():
    """The `Stopped` to raise once a requested stop has been carried out, whoever asked for it."""
    return Stopped(requested() or signal.SIGTERM)


def end_now(code, message):
    """Ends the process without returning: the main thread may hang in a call that nothing can interrupt."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.write(f"\nerror: {message}\n")
        sys.stderr.flush()
    os._exit(code)


def _raise_unless_deferred(number, frame):
    state = _state
    if state is None or not state.has_unsaved() or (state.signals > 1 and not state.owns_process):
        raise Stopped(number)


def _raise_if_due(state):
    if state.deferred is None and state.number is not None:
        raise Stopped(state.number)


def _read(pipe, state, others):
    """Reads the numbers of signals as they come."""
    with open(pipe, "rb", buffering=0) as file:
        while data := file.read(64):
            for number in data:
                if number in state.numbers:
                    _notice(state, number)
                elif others >= 0:
                    with contextlib.suppress(OSError):
                        os.write(others, bytes([number]))


def _notice(state, number):
    with state.lock:
        state.signals += 1
        if state.number is None:
            _begin(state, number)
        elif state.passed_on:
            state.passed_on -= 1
        elif state.owns_process:
            end_now(
                128 + number, f"{signal.Signals(number).name} again, ended at once; what was saved before is intact"
            )


def _begin(state, number):
    """Carries out what does not need the main thread."""
    state.number = number
    with contextlib.suppress(OSError, ValueError):
        log.info("stopping ..." if state.deferred is None or not state.has_unsaved() else state.deferred[0])
    if state.call is not None:
        state.call[0]()
    for answer in tuple(state.answers):
        answer(number)
    if state.owns_process:
        threading.Thread(target=_end_if_stuck, args=(state, number), daemon=True).start()


def _end_if_stuck(state, number):
    """Ends a process in which the main thread has not reacted, unless that is about to save something."""
    deadline = time.monotonic() + PATIENCE
    while _state is state and (time.monotonic() < deadline or state.has_unsaved()):
        time.sleep(0.1)
    if _state is state:
        end_now(128 + number, f"stopped by {signal.Signals(number).name}; what was saved before is intact")


class _Lasting:
    """A stream whose reader may go before the program does: a closed terminal, or a `tee` that got the same Ctrl-C."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        try:
            return self._stream.write(text)
        except OSError:
            self._discard()
            return len(text)

    def flush(self):
        try:
            self._stream.flush()
        except OSError:
            self._discard()

    def _discard(self):
        """Sends the stream nowhere from now on, so that the flush at the exit succeeds, too."""
        if requested() is None:
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name):
        return getattr(self._stream, name)
