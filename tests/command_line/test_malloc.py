"""Freed memory is kept: touched again, it costs no page faults."""

import os
import platform
import subprocess
import sys

import pytest

_FAULTS = """
import resource, sys, threading
from compare_gan2.command_line import malloc

kept = malloc.keep_freed_memory() if sys.argv[1] == "kept" else False

def steps():
    for _ in range(20):
        a, b = b"1" * 2**24, b"2" * 2**27  # 16 MB and 128 MB, freed at the end of a step

steps()  # the first touch of the pages does not count
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
# TensorFlow's operations ask from threads of their own.
thread = threading.Thread(target=steps)
thread.start()
thread.join()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _run(how, **environment):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_") and k != "GLIBC_TUNABLES"}
    done = subprocess.run(
        [sys.executable, "-c", _FAULTS, how], env=inherited | environment, capture_output=True, text=True, check=True
    )
    is_set, faults = done.stdout.split()
    return is_set == "True", int(faults)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="settings of glibc's malloc")
def test_kept_memory_costs_no_page_faults():
    (_, default), (is_set, kept) = _run("default"), _run("kept")
    assert is_set
    assert kept < default / 10


def test_settings_of_the_user_win():
    is_set, _ = _run("kept", MALLOC_ARENA_MAX="4")
    assert not is_set
