"""The most memory that this process held. Needs nothing but Python, for the interpreters of other packages."""

import pathlib
import platform
import resource


def peak_memory():
    """Most bytes that this process ever held, as the operating system counts it."""
    try:
        for line in pathlib.Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    # On Linux this is at least what the process held that started this one.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if platform.system() == "Darwin" else peak * 1024  # macOS counts bytes, Linux kibibytes
