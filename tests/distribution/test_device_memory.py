import os
import stat

from compare_gan2.distribution.device_memory import gpu_memory, host_memory, process_memory


def test_the_limit_of_a_container_counts(tmp_path):
    physical = host_memory([])
    assert physical > 2**28
    (tmp_path / "limit").write_text(f"{2**27}\n")
    (tmp_path / "none").write_text("max\n")
    assert host_memory([tmp_path / "limit", tmp_path / "none"]) == 2**27
    assert host_memory([tmp_path / "none", tmp_path / "missing"]) == physical


def test_memory_of_this_process():
    before = process_memory()
    block = bytearray(os.urandom(2**16)) * 2**10  # 64 MiB, written
    assert process_memory() - before > 0.8 * len(block)


def test_the_smallest_gpu_as_the_driver_lists_them(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_memory() is None  # not installed
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 81920\necho 40960\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert gpu_memory() == 40960 * 2**20
    program.write_text("#!/bin/sh\necho '[N/A]'\n")
    assert gpu_memory() is None
    program.write_text("#!/bin/sh\nexit 9\n")
    assert gpu_memory() is None
