"""Making a folder that a kill or a full disk cannot leave half made."""

import contextlib
import fcntl
import os
import pathlib
import shutil

from compare_gan2.ground import stop_request
from compare_gan2.ground.files import is_full_disk, naming


@contextlib.contextmanager
def making(path, many_files=False):
    """Context manager: an empty folder beside `path` that takes its place when the block ends, and goes if it raises.

    A folder that is at `path` then is removed once the new one has its name. What killed processes left beside it is
    removed too; folders of living ones are locked. A requested stop is carried out when the block ends, see
    `stop_request.deferred`; a long block asks `stop_request.requested`.

    Args:
        path: of the folder; those above it are made, and removed again if the block raises.
        many_files: whether they come one by one over a long time, by code that an exception may interrupt: a stop is
            carried out at once, and the disk is not waited for after each of them.

    Raises:
        OSError: naming `path`, if it cannot be written.
    """
    path = pathlib.Path(path).resolve()  # a link stays one
    missing = [parent for parent in path.parents if not parent.exists()]
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path, "partial")
    partial = _beside(path, "partial")
    try:
        with naming(path):
            partial.mkdir()
        with _locked(partial):
            # Keras and TensorFlow swallow an exception that comes in the midst of their saving.
            with contextlib.nullcontext() if many_files else stop_request.deferred("stopping; nothing is written ..."):
                yield partial
            if not many_files:
                _flush(partial)
            _put(partial, path)
        missing = []
    except OSError as error:
        if is_full_disk(error) and error.filename is None:  # which a write to an open file does not name
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from error
        raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        for parent in missing:
            with contextlib.suppress(OSError):  # another process has put something there
                parent.rmdir()
    _remove_leftovers(path, "old")


def _beside(path, kind):
    return path.with_name(f".{path.name}.{os.getpid()}.{kind}")


@contextlib.contextmanager
def _locked(folder, wait=fcntl.LOCK_SH):
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, wait)
        yield
    finally:
        os.close(descriptor)


def _put(partial, path):
    """Renames a folder to `path`; what is there already comes back if that fails."""
    if not path.exists():
        os.rename(partial, path)
        return
    old = _beside(path, "old")
    os.rename(path, old)
    try:
        os.rename(partial, path)
    except BaseException:
        os.rename(old, path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _flush(folder):
    """Waits until all files of a folder are on the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())


def _remove_leftovers(path, kind):
    start, end = f".{path.name}.", f".{kind}"
    for folder in path.parent.iterdir():
        number = folder.name[len(start) : -len(end)]
        if folder.name.startswith(start) and folder.name.endswith(end) and number.isdecimal():
            with contextlib.suppress(OSError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)
