"""What two processes say to each other first: who they are, and with which settings they were started."""

import json
import socket
import time

SECONDS = 5.0  # in which the other side has to say it
MAX_BYTES = 1 << 20  # a greeting holds all bindings


class NoGreeting(ValueError):
    """The other side is not a worker, or has gone."""


class Greeting:
    """A new connection whose other side has not said who it is yet. Nothing here waits for it.

    Args:
        connection: connected socket.
        ours: dict that JSON can hold; the greeting of the other side has the same names.

    Attributes:
        connection: the same socket, which does not block.
    """

    def __init__(self, connection, ours):
        connection.setblocking(False)
        self.connection = connection
        self._names = ours.keys()
        self._unsent = json.dumps(ours).encode() + b"\n"
        self._received = b""
        self._deadline = time.monotonic() + SECONDS

    def theirs(self):
        """The greeting of the other side, a dict; None as long as it has not all come.

        Raises:
            NoGreeting: for anything else, an end, or after `SECONDS`.
        """
        try:
            self._send()
            self._receive()
        except OSError as error:
            raise NoGreeting(str(error)) from error
        if self._unsent or not self._received.endswith(b"\n"):
            if time.monotonic() > self._deadline:
                raise NoGreeting("silence")
            return None
        try:
            greeting = json.loads(self._received)
        except (ValueError, RecursionError) as error:  # the latter for thousands of brackets
            raise NoGreeting("no JSON") from error
        if not isinstance(greeting, dict) or greeting.keys() != self._names or type(greeting["index"]) is not int:
            raise NoGreeting("other names")
        return greeting

    def _send(self):
        try:
            while self._unsent:
                self._unsent = self._unsent[self.connection.send(self._unsent) :]
        except BlockingIOError:
            pass

    def _receive(self):
        """Reads up to the end of the line: messages may follow."""
        while not self._received.endswith(b"\n"):
            try:
                seen = self.connection.recv(4096, socket.MSG_PEEK)
            except BlockingIOError:
                return
            if not seen:
                raise NoGreeting("closed")
            self._received += self.connection.recv(seen.find(b"\n") + 1 or len(seen))
            if len(self._received) > MAX_BYTES:
                raise NoGreeting("too long")
