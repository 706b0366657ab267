"""Writing files that a kill, a full disk or a second process cannot leave half written."""

import contextlib
import errno
import fcntl
import os
import pathlib
import tempfile

from compare_gan2.ground.errors import ConfigError


@contextlib.contextmanager
def replacing(path):
    """Context manager: a binary file that replaces `path` in one step when the block ends, and never if it raises.

    Raises:
        OSError: naming `path`, if the disk is full or the folder cannot be written.
    """
    path = pathlib.Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with naming(path):
        file = _opened_and_locked(temporary)
        try:
            with file:  # its lock ends with it, after the new name: `remove_leftovers` takes it for no leftover
                yield file
                file.flush()
                os.fsync(file.fileno())
                os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _opened_and_locked(path):
    while True:
        file = open(path, "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.stat(path), os.fstat(file.fileno())):
                return file
        except FileNotFoundError:  # removed as a leftover between opening and locking
            pass
        file.close()


def remove_leftovers(folder):
    """Names of the temporary files of killed processes that were removed from a folder; others hold a lock."""
    removed = []
    for path in sorted(pathlib.Path(folder).glob(".*.tmp")):
        with contextlib.suppress(OSError), open(path, "ab") as file:  # a folder, or one of another process
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
            removed.append(path.name)
    return removed


@contextlib.contextmanager
def locked(path):
    """Context manager: an exclusive lock for `path`; waits for another process that holds it."""
    path = pathlib.Path(path)
    with naming(path):
        lock = open(path.with_name(f".{path.name}.lock"), "ab")
    with holding(lock):
        yield


@contextlib.contextmanager
def holding(lock, on_busy=lambda: None):
    """Context manager: holds the lock of an open file, which is closed at the end; the lock ends with its process.

    Args:
        lock: file that is open for writing.
        on_busy: called before waiting for another process that holds the lock; may raise instead.
    """
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_busy()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def naming(path):
    """Context manager: an OSError raised inside names this file (that of a full disk would not name any)."""
    try:
        yield
    except OSError as error:
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from error


def require_place(option, path):
    """Raises a `ConfigError` that names the option if a file cannot be written at `path`."""
    path = pathlib.Path(path)
    if path.is_dir() or not _takes_files(path.parent):
        raise ConfigError(f"{option}: expected a file in a folder that can be written, got {path}")


def require_folder(option, path):
    """Raises a `ConfigError` that names the option if the folder of `path` can neither be written nor made."""
    folder = pathlib.Path(path).absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not _takes_files(folder):
        raise ConfigError(f"{option}: expected a name in a folder that can be written, got {path}, below {folder}")


def _takes_files(folder):
    """Whether a folder exists and takes new files; tried, since some refuse even those who have the right."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError as error:
        return is_full_disk(error)  # another message says that


def is_full_disk(error):
    """Whether an exception, of Python or of TensorFlow, says that a disk is full or a quota is used up."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(text in str(error) for text in ("No space left", "Disk quota exceeded"))
