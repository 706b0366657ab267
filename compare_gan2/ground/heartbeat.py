"""What the main thread is doing, for those who watch whether it still does anything."""

import contextlib

_progress = None  # function while a graph call runs


@contextlib.contextmanager
def of_steps(progress):
    """Context manager around a graph call.

    Args:
        progress: function that returns (steps done, batches received) since the process began to train.
    """
    global _progress
    _progress = progress
    try:
        yield
    finally:
        _progress = None


def progress():
    """(steps done, batches received) of the graph call that is running; None if none is."""
    return None if (current := _progress) is None else current()
