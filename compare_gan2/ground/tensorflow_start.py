"""Imports TensorFlow without the notices that it prints when it starts."""

import contextlib
import faulthandler
import glob
import importlib.util
import logging
import os
import sys
import tempfile

# Of lines that TensorFlow writes while it is imported, whatever TF_CPP_MIN_LOG_LEVEL is.
_NOTICES = (
    b"All log messages before absl::InitializeLog() is called",
    b"oneDNN custom operations are on",
    b"Could not find cuda drivers on your machine",
    b"This TensorFlow binary is optimized to use available CPU instructions",
    b"To enable the following instructions",
)
_ACCELERATORS = ("/dev/nvidia*", "/dev/dxg", "/dev/kfd", "/dev/accel*", "/dev/vfio/[0-9]*")


def quiet():
    """Sets TF_CPP_MIN_LOG_LEVEL unless the user has set it: to errors with a GPU or a TPU, to fatal errors without.

    Without a GPU, the only errors at the start report that it is missing. Call this before TensorFlow is imported.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if has_accelerator() else "3")


def load():
    """Imports TensorFlow, `quiet` and without its notices, unless it is imported already; silences its advice.

    Notices are shown if the user has set TF_CPP_MIN_LOG_LEVEL to 0 or 1.
    """
    logging.getLogger("tensorflow").addFilter(_is_for_users)
    if "tensorflow" in sys.modules:
        return
    quiet()
    with _without_notices() if os.environ["TF_CPP_MIN_LOG_LEVEL"] not in ("0", "1") else contextlib.nullcontext():
        import tensorflow  # noqa: F401


def has_accelerator():
    """Whether this machine seems to have a GPU or a TPU; looks at device files, as TensorFlow is not imported yet."""
    return bool(os.environ.get("TPU_NAME")) or any(glob.glob(pattern) for pattern in _ACCELERATORS)


def gpu_hint():
    """What to install if this machine has an NVIDIA GPU and TensorFlow lacks the libraries to use it; else None."""
    if not glob.glob("/dev/nvidia[0-9]*") or importlib.util.find_spec("nvidia") is not None:
        return None
    return "TensorFlow cannot use the GPU of this machine without CUDA's libraries; pip install 'compare_gan2[gpu]'"


def _is_for_users(record):
    """False for TensorFlow's advice on retracing: a user cannot follow it, every checkpoint has networks of its own."""
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
