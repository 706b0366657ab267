"""Refuses a Python or TensorFlow that is too old, before anything that needs them is imported.

Kept in syntax that old Pythons can read, so that they reach the message.
"""

import importlib.metadata
import sys

OLDEST = {"Python": (3, 11), "tensorflow": (2, 21), "keras": (3, 15)}


def check(installed=None):
    """Ends the process with exit code 2 and one message if a version is too old or missing.

    Args:
        installed: {name: version text or None}; None looks at this process.
    """
    if installed is None:
        installed = {name: _version(name) for name in OLDEST}
    for name, oldest in OLDEST.items():
        found = installed[name]
        wanted = ".".join(str(part) for part in oldest)
        if found is None or tuple(int(part) for part in found.split(".")[:2]) < oldest:
            print(
                "compare_gan2 needs {} {} or later, found {}: see the README for a fresh environment".format(
                    name, wanted, found or "none"
                ),
                file=sys.stderr,
            )
            sys.exit(2)


def _version(name):
    if name == "Python":
        return "{}.{}".format(*sys.version_info)
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
