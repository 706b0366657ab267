"""How a process keeps the memory that its CPU operations free."""

import ctypes
import os

# The names and numbers of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8


def keep_freed_memory():
    """Whether glibc's malloc keeps from now on what is freed. Called by a command before it computes anything.

    On a CPU TensorFlow asks malloc for the outputs of every operation (unless oneDNN's own allocator serves them). By
    default malloc returns blocks of megabytes to the system as soon as they are freed, and each step touches all of
    them again as new pages, which the system has to zero: half of the time of a step where it was measured
    (docs/performance.md). Kept, the pages serve the next step. Results are the same bits.

    Malloc is left alone, and the result is False, if the environment holds settings of malloc's own (`MALLOC_...`,
    `GLIBC_TUNABLES`), or with another C library or allocator.
    """
    if any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    # A single arena, because those of other threads are unmapped in pieces of 64 MB, whatever the threshold.
    settings = {_M_ARENA_MAX: 1, _M_MMAP_MAX: 0, _M_TRIM_THRESHOLD: -1, _M_TOP_PAD: 2**26}
    return all([mallopt(name, value) == 1 for name, value in settings.items()])
