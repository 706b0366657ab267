"""The versions that made a report, for its end."""

import importlib.metadata
import sys

from compare_gan2.ground.code_version import code_version

_PACKAGES = ("tensorflow", "keras", "numpy", "matplotlib")


def made_by():
    """Sentence with the versions that made a report."""
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    return f"Report by compare_gan2 {code_version()}, Python {sys.version.split()[0]}, {packages}."
