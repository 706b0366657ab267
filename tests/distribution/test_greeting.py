"""What the other side of a connection says first, read without waiting for it."""

import json
import socket
import time

import pytest

from compare_gan2.distribution import greeting
from compare_gan2.distribution.greeting import Greeting, NoGreeting

OURS = {"index": 0, "workers": ["a:1", "b:2"], "settings": "x" * 9}


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Greeting(ours, OURS), theirs


def test_it_comes_in_parts_and_what_follows_stays(pair):
    found, other = pair
    assert found.theirs() is None
    text = json.dumps(OURS | {"index": 1}).encode() + b"\n"
    other.sendall(text[:7])
    assert found.theirs() is None
    other.sendall(text[7:] + b"beat busy\n")
    assert found.theirs() == OURS | {"index": 1}
    assert found.connection.recv(100) == b"beat busy\n"
    assert json.loads(other.recv(4096)) == OURS


@pytest.mark.parametrize(
    "text",
    [b"GET / HTTP/1.0\n", b"[1]\n", b"[" * 60_000 + b"\n", json.dumps(OURS | {"index": "1"}).encode() + b"\n", b"{}\n"],
)
def test_something_else_is_no_greeting(pair, text):
    found, other = pair
    other.sendall(text)
    with pytest.raises(NoGreeting):
        found.theirs()


def test_an_end_and_silence_are_none_either(pair, monkeypatch):
    monkeypatch.setattr(greeting, "SECONDS", 0.0)
    silent = Greeting(socket.socket(), OURS)
    with silent.connection, pytest.raises(NoGreeting):
        silent.theirs()
    found, other = pair
    other.close()
    with pytest.raises(NoGreeting):
        found.theirs()


def test_a_stranger_that_does_not_read_is_not_waited_for():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        began = time.monotonic()
        assert Greeting(ours, OURS | {"settings": "x" * 900_000}).theirs() is None
        assert time.monotonic() - began < 1
