"""How much memory the devices of training have."""

import os
import pathlib
import subprocess

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container
ANSWER_SECONDS = 10.0


def host_memory(limits=LIMITS):
    """Bytes of memory that processes of this machine, or of this container, have together.

    Args:
        limits: files that may hold the limit of a container.
    """
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(pathlib.Path, limits):
        try:
            found.append(int(path.read_text()))
        except (OSError, ValueError):  # not in a container, or "max"
            continue
    return min(found)


def process_memory():
    """Bytes of memory that this process takes now; None where the system has no /proc."""
    try:
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def gpu_memory():
    """Bytes of memory of the smallest GPU of this machine; None if the driver's nvidia-smi does not say."""
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True)
        return min(int(line) for line in ended.stdout.split("\n") if line.strip()) * 2**20
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
