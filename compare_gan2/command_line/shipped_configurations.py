"""The message for a command without a configuration."""

import itertools
import pathlib

from compare_gan2.config import config_files
from compare_gan2.ground.errors import ConfigError

FIRST = "s3gan.gin"  # runs without any download


def require_configuration(command, gin_files, gin_bindings=(), *, first=FIRST, of_studies=False):
    """Raises a `ConfigError` that says what to run if there are neither files nor bindings, or if a file is missing.

    Files that others include are looked for, too; TensorFlow is not imported.

    Args:
        command: name of the sub-command, for the message.
        gin_files, gin_bindings: as they were given.
        first: name of a shipped one to try.
        of_studies: whether the command takes configurations of studies, not of runs.
    """
    if not gin_files and not gin_bindings:
        raise ConfigError(
            f"--gin_config: expected a configuration, got none; try compare_gan2 {command} --gin_config={first}, "
            f"or another of those that ship with the package: {_listed(of_studies)}"
        )
    config_files.texts_of(gin_files)


def _listed(of_studies):
    """Names of shipped configurations, those of a folder together: "mnist_5k/{biggan, s3gan}.gin, s3gan.gin"."""
    paths = map(pathlib.PurePosixPath, config_files.shipped_names())
    paths = [path for path in paths if (path.parts[0] == "studies") == of_studies]
    groups = {folder: [path.stem for path in found] for folder, found in itertools.groupby(paths, lambda p: p.parent)}
    named = [
        f"{folder / (stems[0] if len(stems) == 1 else '{' + ', '.join(stems) + '}')}.gin"
        for folder, stems in groups.items()
    ]
    return ", ".join(named)
