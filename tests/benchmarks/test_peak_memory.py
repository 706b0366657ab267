import subprocess
import sys

SCRIPT = """
import subprocess, sys
from compare_gan2.benchmarks.peak_memory import peak_memory

held = b"x" * int(sys.argv[1])
del held
print(peak_memory(), flush=True)
if len(sys.argv) > 2:
    subprocess.run([sys.executable, sys.argv[2], "1"], check=True)
"""
SIZE = 300 * 2**20


def test_what_was_held_counts_and_what_the_parent_held_does_not(tmp_path):
    script = tmp_path / "held.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(SIZE), str(script)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    parent, child = map(int, done.stdout.split())
    assert parent > SIZE
    assert child < SIZE / 2
