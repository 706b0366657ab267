"""The version of the code, which is part of the protocol of a score."""

import pathlib
import subprocess

import compare_gan2

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def code_version():
    """Version of this package; in a git checkout with the commit: "0.1.0+1a2b3c4d5e6f", "-dirty" if files changed."""
    if not (_ROOT / ".git").exists():
        return compare_gan2.__version__
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):  # no git on this machine
        return compare_gan2.__version__
    return f"{compare_gan2.__version__}+{done.stdout.strip()}"
