"""Room on disks: checked before work begins, waited for when it runs out, and the right disk named when it is gone."""

import contextlib
import functools
import os
import pathlib
import shutil
import tempfile
import time

from compare_gan2.ground import stop_request
from compare_gan2.ground.errors import ConfigError, TrainingFailed
from compare_gan2.ground.files import is_full_disk
from compare_gan2.ground.messages import log

_reserved = None  # (bytes, path, what) of the innermost `reserving`
LOOK_SECONDS = 0.1  # between looks for a request to stop
WAITS = (10, 20, 40, 60, 60)  # seconds between tries; together less than workers wait for their chief


def free_bytes(path):
    """Bytes that a user may still write on the disk of a path, which need not exist."""
    path = pathlib.Path(path).absolute()
    return shutil.disk_usage(next(each for each in (path, *path.parents) if each.exists())).free


def require_room(needed, path, what, way_out):
    """Raises a `ConfigError` if a disk has not this many bytes left.

    Args:
        needed: bytes.
        path: of the folder that is written to.
        what: start of the message, which names the option.
        way_out: its end.
    """
    free, also = free_bytes(path), ""
    if _reserved is not None and _device(_reserved[1]) == _device(path):
        needed, also = needed + _reserved[0], f" and {_reserved[2]} together"
    if needed > free:
        raise ConfigError(
            f"{what}{also} need {readable_size(needed)} on the disk of {path}, which has {readable_size(free)} free; "
            f"{way_out}"
        )


@contextlib.contextmanager
def reserving(needed, path, what):
    """Context manager: what `require_room` checks in it has to leave so many bytes, if it is on the same disk.

    Args:
        needed: bytes.
        path: of the folder that will be written to later.
        what: will be written, for the message.
    """
    global _reserved
    before, _reserved = _reserved, (needed, path, what)
    try:
        yield
    finally:
        _reserved = before


def _device(path):
    path = pathlib.Path(path).absolute()
    return os.stat(next(each for each in (path, *path.parents) if each.exists())).st_dev


class Waiting:
    """Proxy of an object that writes files: its methods are called again after a while if a disk is full.

    Args:
        output: object whose methods are called; each can be called again after it has failed.
        folder: that it writes to.
    """

    def __init__(self, output, folder):
        self._output, self._folder = output, folder

    def __getattr__(self, name):
        return functools.partial(patiently, self._folder, getattr(self._output, name))


def patiently(folder, write, *args, **named):
    """Result of `write(*args, **named)`, called again after each of the seconds of `WAITS` while a disk is full.

    Args:
        folder: that is written to, unless the error names another place.
        write: function that can be called again after it has failed.
        *args: its arguments.

    Raises:
        Stopped: if a stop is requested and the disk is still full: waiting for it ends at the first signal.
    """
    for seconds in WAITS:
        try:
            return write(*args, **named)
        except Exception as error:  # of TensorFlow too
            if not is_full_disk(error):
                raise
            disk = disk_of(error, [folder])
            log.warning(
                f"no space left on the disk of {disk} ({readable_size(free_bytes(disk))} free): training pauses and "
                f"tries again in {seconds:g} s; {sum(WAITS):g} s in all, then it stops"
            )
        _wait(seconds, disk)
    return write(*args, **named)


def _wait(seconds, disk):
    """Waits; raises `Stopped` as soon as a stop is requested, also if it was before."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if stop_request.requested() is not None:
            log.warning(f"no space left on the disk of {disk}: stops, nothing more is saved")
            raise stop_request.stopped()
        time.sleep(min(left, LOOK_SECONDS))


@contextlib.contextmanager
def failures_named(folder, others=(), last_good=lambda: "nothing was saved yet"):
    """Context manager: a file that cannot be written or read ends a run in one message that names it.

    Args:
        folder: of the run.
        others: further folders that it writes to, such as caches.
        last_good: function that returns what the message says about the last state that was saved.

    Raises:
        TrainingFailed: for an error of the operating system, or one of TensorFlow about a file.
    """
    try:
        yield
    except Exception as error:
        if is_full_disk(error):
            disk = disk_of(error, [folder, *others, tempfile.gettempdir()])
            problem = f"no space left on the disk of {disk}"
        elif isinstance(error, OSError) and error.filename is not None:
            problem = f"{error.filename}: {error.strerror}"
        elif type(error).__module__.startswith("tensorflow") and f"{folder}" in str(error):
            problem = str(error).splitlines()[0][:300]
        else:
            raise
        gone = "" if pathlib.Path(folder).is_dir() else f" ({folder} was removed)"
        raise TrainingFailed(f"{problem}{gone}; {last_good()}, the same command resumes") from error


def disk_of(error, folders):
    """The folder whose disk an error of a full disk is about.

    Args:
        error: exception; the file that it names decides, else the folder with the least room.
        folders: candidates, the likeliest first.
    """
    text = f"{getattr(error, 'filename', None) or ''} {error}"
    for folder in folders:
        if os.fspath(folder) in text:
            return folder
    if getattr(error, "filename", None):
        return os.path.dirname(error.filename)
    return min(folders, key=free_bytes)


def readable_size(count):
    """Text of a number of bytes, such as "1.5 GB"; powers of 1000."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 999.5:  # which three digits round to 1000
            break
        count, unit = count / 1000, {"bytes": "kB", "kB": "MB", "MB": "GB", "GB": "TB"}[unit]
    return f"{count:.3g} {unit}"
