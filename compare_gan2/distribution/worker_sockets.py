"""Sockets between workers: closed ones, a port of this process, and what two sides disagree about."""

import socket

from compare_gan2.ground.errors import ConfigError


def is_closed(connection):
    """Whether the other side has closed the connection, perhaps to be started again."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def listening(cluster):
    """Listening socket on the port of this process.

    Raises:
        ConfigError: if the port cannot be used.
    """
    host, port = cluster.address(cluster.index)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server(("", port), family=family)
    except OSError as error:
        raise ConfigError(
            f"{cluster.option}: port {port} of {cluster.name(cluster.index)}, this process, cannot be used: "
            f"{error.strerror}"
        ) from error


def difference(ours, theirs):
    """Text about what two workers were started with: the values, or the lines that differ."""
    if not isinstance(ours, str):
        return f"here {ours}, there {theirs}"
    ours, theirs = ours.splitlines(), str(theirs).splitlines()
    here = [line for line in ours if line not in theirs]
    there = [line for line in theirs if line not in ours]
    return f"only here {here or 'nothing'}, only there {there or 'nothing'}"
