"""Symbolic links in a run's folder: what the run writes must not land elsewhere."""

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
