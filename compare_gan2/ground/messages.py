"""Messages of the package: lines of a standard logger, which is silent unless a program shows them.

Commands show them with `shown`; library calls do so with `verbose=True`.
"""

import contextlib
import logging
import sys

log = logging.getLogger("compare_gan2")
log.addHandler(logging.NullHandler())
_shown = 0  # how many `shown` blocks are open


class _Console(logging.Handler):
    """Writes to whatever sys.stdout is at the time, so that notebooks and tests can redirect it."""

    def emit(self, record):
        prefix = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        print(f"{prefix}{record.getMessage()}", file=sys.stdout, flush=True)


@contextlib.contextmanager
def shown(show=True):
    """Context manager: messages are printed to the standard output, and progress is shown on the standard error."""
    global _shown
    if not show or _shown:  # once is enough
        yield
        return
    console, before = _Console(), (log.level, log.propagate)
    log.addHandler(console)
    log.setLevel(logging.INFO)
    log.propagate = False
    _shown += 1
    try:
        yield
    finally:
        _shown -= 1
        log.removeHandler(console)
        log.setLevel(before[0])
        log.propagate = before[1]


def is_shown():
    """Whether messages are being printed."""
    return bool(_shown)
