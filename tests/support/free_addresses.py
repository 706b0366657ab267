"""Addresses of this machine that no process listens on."""

import contextlib
import socket


def free_addresses(count):
    """Tuple of "localhost:PORT"; all are free when they are given."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("localhost", 0))) for _ in range(count)]
        return tuple(f"localhost:{free.getsockname()[1]}" for free in sockets)
