"""Refuses a Python or TensorFlow that is too old, before anything that needs them is imported.

Written, like all that a command imports before it calls `problem`, in syntax that old Pythons can read.
"""

import importlib.metadata
import sys

OLDEST = {"Python": (3, 11), "tensorflow": (2, 21), "keras": (3, 15)}


def problem(installed=None):
    """Message about the first version that is too old or missing; None if all are new enough.

    Args:
        installed: {name: version text or None}; None looks at this process.
    """
    if installed is None:
        installed = {name: _version(name) for name in OLDEST}
    for name, oldest in OLDEST.items():
        found = installed[name]
        wanted = ".".join(str(part) for part in oldest)
        if found is None or tuple(int(part) for part in found.split(".")[:2]) < oldest:
            return "compare_gan2 needs {} {} or later, found {}: see the README for a fresh environment".format(
                name, wanted, found or "none"
            )
    return None


def _version(name):
    if name == "Python":
        return "{}.{}".format(*sys.version_info)
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
