"""The package is silent unless a program asks to see what it says."""

import contextlib
import io
import logging
import subprocess
import sys

import pytest

from compare_gan2.ground import messages
from compare_gan2.ground.messages import is_shown, log, shown


def printed(show=True):
    """What is printed of two messages."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), shown(show):
        log.info("a line")
        log.warning("an odd line")
    return out.getvalue()


def test_messages_are_lines_and_warnings_say_so():
    assert printed() == "a line\nwarning: an odd line\n"


def test_nothing_is_printed_unless_asked_for(capsys):
    assert printed(False) == ""
    log.warning("nobody asked")
    assert capsys.readouterr() == ("", "")


def test_inner_blocks_print_nothing_twice_and_end_with_the_outer_one():
    out = io.StringIO()
    with contextlib.redirect_stdout(out), shown():
        with shown():
            log.info("once")
        assert is_shown()
        log.info("still shown")
    assert out.getvalue() == "once\nstill shown\n"
    assert not is_shown()


def test_an_error_inside_ends_it_too():
    before = log.level, log.propagate, list(log.handlers)
    with pytest.raises(KeyError), shown():
        raise KeyError
    assert (log.level, log.propagate, list(log.handlers)) == before and not is_shown()


def test_the_output_is_looked_up_late():
    with shown():
        first, second = io.StringIO(), io.StringIO()
        for stream in (first, second):
            with contextlib.redirect_stdout(stream):
                log.info("here")
    assert first.getvalue() == second.getvalue() == "here\n"


def test_other_programs_can_listen(caplog):
    with caplog.at_level(logging.INFO, logger="compare_gan2"):
        log.info("for a log of one's own")
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("compare_gan2", "for a log of one's own")
    ]


def test_a_program_without_logging_sees_nothing():
    code = "from compare_gan2.ground.messages import log; log.warning('x'); log.info('y')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


ROOT = messages.__file__.rpartition("compare_gan2")[0]
