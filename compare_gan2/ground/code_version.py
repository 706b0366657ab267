"""The version of the code, which is part of the protocol of a score."""

import pathlib
import subprocess

import compare_gan2

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def code_version():
    """Version of the package; in a git checkout with its commit: "0.1.0+1a2b3c4d5e6f", "-dirty" if the package changed.

    Files elsewhere do not count: a study adds rows to files of the checkout while it runs.
    """
    if not (_ROOT / ".git").exists():
        return compare_gan2.__version__
    try:
        commit = _git("rev-parse", "--short=12", "HEAD")
        changes = _git("status", "--porcelain", "--", "compare_gan2")
    except (OSError, subprocess.SubprocessError):  # no git on this machine
        return compare_gan2.__version__
    return f"{compare_gan2.__version__}+{commit}{'-dirty' if changes else ''}"


def _git(*arguments):
    command = ["git", "-C", str(_ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
