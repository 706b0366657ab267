"""Writing files that a kill, a full disk or a second process cannot leave half written."""

import contextlib
import errno
import fcntl
import os
import pathlib

from compare_gan2.configuration import ConfigError


class DamagedFileError(ValueError):
    """A file that is not what its name promises; the message says where, what was expected and what came."""


@contextlib.contextmanager
def replacing(path):
    """Binary file to write; takes the place of `path` in one step when the block ends, and never if it raises.

    Raises:
        OSError: naming `path`, when the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path):
        file = open(temporary, "wb")
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path):
    """Only one process at a time is inside this block for the same `path`; the lock dies with its process."""
    path = pathlib.Path(path)
    with naming(path):
        lock = open(path.with_name(f".{path.name}.lock"), "wb")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def naming(path):
    """Makes an OSError raised inside name the file it is about (a full disk raises one without any name)."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from error


def require_place(option, path):
    """Raises a `ConfigError` that names the option if a file cannot be written at `path`."""
    path = pathlib.Path(path)
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigError(f"{option}: expected a file in a folder that can be written, got {path}")


def is_full_disk(error):
    """Whether an exception, of Python or of TensorFlow, says that a disk is full."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)
