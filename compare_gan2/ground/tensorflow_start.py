"""Imports TensorFlow without the notices that it prints when it starts."""

import contextlib
import faulthandler
import glob
import importlib.util
import logging
import os
import sys
import tempfile

from compare_gan2.ground.import_hook import ImportHook

_LEVEL = "TF_CPP_MIN_LOG_LEVEL"
_HOOKS = {__name__, "compare_gan2.ground.import_hook", "compare_gan2.ground.keras_registration"}
# Of lines that TensorFlow writes while it is imported, whatever TF_CPP_MIN_LOG_LEVEL is.
_NOTICES = (
    b"All log messages before absl::InitializeLog() is called",
    b"oneDNN custom operations are on",
    b"Could not find cuda drivers on your machine",
    b"This TensorFlow binary is optimized to use available CPU instructions",
    b"To enable the following instructions",
)
_ACCELERATORS = ("/dev/nvidia*", "/dev/dxg", "/dev/kfd", "/dev/accel*", "/dev/vfio/[0-9]*")


def install():
    """Has TensorFlow start quietly if a module of this package imports it, also one that a user imports by itself.

    TensorFlow is not imported here, and shows its notices as ever if something else imports it.
    """
    ImportHook("tensorflow", _around_import).install()


def load():
    """Imports TensorFlow `quietly`, unless it is imported already."""
    if "tensorflow" not in sys.modules:
        with quietly():
            import tensorflow  # noqa: F401


@contextlib.contextmanager
def quietly():
    """Context manager: TensorFlow that is imported in it shows no notices; the environment is the user's afterwards.

    Messages below errors are left out from then on with a GPU or a TPU, below fatal ones without: there the only errors
    report what is missing. TensorFlow reads that from TF_CPP_MIN_LOG_LEVEL when it is imported; if the user
    has set that, it is left as it is, and with 0 or 1 the notices are shown.
    """
    if _LEVEL in os.environ:
        with contextlib.nullcontext() if os.environ[_LEVEL] in ("0", "1") else _without_notices():
            yield
        return
    os.environ[_LEVEL] = "2" if has_accelerator() else "3"
    try:
        with _without_notices():
            yield
    finally:
        os.environ.pop(_LEVEL, None)


@contextlib.contextmanager
def without_advice():
    """Context manager: TensorFlow does not advise on retracing, which a user cannot follow.

    Every checkpoint has networks of its own.
    """
    logger = logging.getLogger("tensorflow")
    if _is_for_users in logger.filters:
        yield
        return
    logger.addFilter(_is_for_users)
    try:
        yield
    finally:
        logger.removeFilter(_is_for_users)


def has_accelerator():
    """Whether this machine seems to have a GPU or a TPU; looks at device files, as TensorFlow is not imported yet."""
    return bool(os.environ.get("TPU_NAME")) or any(glob.glob(pattern) for pattern in _ACCELERATORS)


def gpu_hint():
    """What to install if this machine has an NVIDIA GPU and TensorFlow lacks the libraries to use it; else None."""
    if not glob.glob("/dev/nvidia[0-9]*") or importlib.util.find_spec("nvidia") is not None:
        return None
    return "TensorFlow cannot use the GPU of this machine without CUDA's libraries; pip install 'compare_gan2[gpu]'"


def _around_import(run):
    frame, ours = sys._getframe(), False
    while frame is not None and not ours:
        name = frame.f_globals.get("__name__", "")
        ours = name.startswith("compare_gan2.") and name not in _HOOKS
        frame = frame.f_back
    with quietly() if ours else contextlib.nullcontext():
        run()


def _is_for_users(record):
    return "triggered tf.function retracing" not in record.getMessage()


@contextlib.contextmanager
def _without_notices():
    """Context manager: what the process writes to its standard error appears at the end, without the notices.

    It redirects the file descriptor, because C++ writes the notices.
    """
    try:
        sys.stderr.flush()
        shown = os.dup(2)
    except (AttributeError, OSError):  # a process without a standard error
        yield
        return
    watch = not faulthandler.is_enabled()
    with tempfile.TemporaryFile() as held:
        if watch:
            faulthandler.enable(shown)  # a crash here, as on a CPU that TensorFlow was not built for, is not silent
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            if watch:
                faulthandler.disable()
            sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
            held.seek(0)
            kept = [line for line in held if not any(notice in line for notice in _NOTICES)]
            if kept:
                os.write(2, b"".join(kept))
