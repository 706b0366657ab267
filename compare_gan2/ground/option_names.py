"""How messages name options: as flags of a command, or as keywords of a function of the library."""

import contextlib
import logging
import re

from compare_gan2.ground.messages import log

_FLAG = re.compile(r"(?<![\w/.\-])--([a-z]\w*)(?:=([\w./]+))?")
_SWITCHES = {"trust", "allow_imports"}
_flags = False  # whether a command runs


@contextlib.contextmanager
def as_flags():
    """Context manager: a command runs, so that messages of the library's functions keep its flags."""
    global _flags
    before, _flags = _flags, True
    try:
        yield
    finally:
        _flags = before


def are_flags():
    """Whether a command runs."""
    return _flags


def as_keywords(text, names):
    """A message with keywords in place of flags: "metrics" for "--metrics", `classes="common"` for "--classes=common".

    Args:
        text: of the message.
        names: {flag without dashes: keyword}; other flags stay.
    """

    def keyword(found):
        flag, value = found.groups()
        if flag not in names:
            return found.group(0)
        if value is None:
            return f"{names[flag]}=True" if flag in _SWITCHES else names[flag]
        return f"{names[flag]}={value}" if value == "N" or value.isdigit() else f'{names[flag]}="{value}"'

    return _FLAG.sub(keyword, text)


@contextlib.contextmanager
def logged_as_keywords(names):
    """Context manager: messages that are logged name keywords, see `as_keywords`."""

    class OfLibrary(logging.Filter):
        def filter(self, record):
            record.msg, record.args = as_keywords(record.getMessage(), names), ()
            return True

    added = OfLibrary()
    log.addFilter(added)
    try:
        yield
    finally:
        log.removeFilter(added)
