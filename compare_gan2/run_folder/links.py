"""What a run's folder must not hold: links that lead what is written elsewhere, and what has no end when it is read."""

import os
import pathlib

from compare_gan2.ground.errors import ConfigError


def require_no_links_out(folder):
    """Raises a `ConfigError` for a link below a folder to a place outside; the folder itself may be a link.

    Args:
        folder: of a run; it need not exist.
    """
    root = pathlib.Path(os.path.realpath(folder))
    for parent, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = os.path.join(parent, name)
            if os.path.islink(path) and not pathlib.Path(os.path.realpath(path)).is_relative_to(root):
                raise ConfigError(
                    f"--model_dir: {path} is a link to {os.path.realpath(path)}, outside of the run's folder, where "
                    "this run would write; replace it by a file or a folder, or delete it"
                )


def require_ordinary(folder):
    """Raises a `ConfigError` for a pipe, socket or device in a folder, or behind a link in it: readers would not end.

    Args:
        folder: that holds, or may hold, a model; its sub-folders count, folders behind links do not. It need not exist.
    """
    for parent, _, names in os.walk(folder):
        for path in (os.path.join(parent, name) for name in names):
            if os.path.exists(path) and not os.path.isfile(path):
                raise ConfigError(
                    f"--model_dir: {path} is not a file but a pipe, a socket or a device, from which nothing is read; "
                    "delete it"
                )
