"""What can be known of a request to export before TensorFlow is imported."""

import importlib.util

from compare_gan2.exporting.format_names import EXTRA, FORMATS
from compare_gan2.ground.errors import ConfigError, MissingPackageError
from compare_gan2.ground.files import require_folder
from compare_gan2.ground.suggestions import did_you_mean
from compare_gan2.runs.export_record import NAME


def check_formats(formats):
    """Raises a `ConfigError` for a format that does not exist, or a `MissingPackageError` for one without packages."""
    if isinstance(formats, str) or not formats:
        raise ConfigError(f"--format: expected names among {', '.join(FORMATS)}, got {formats!r}")
    for format in formats:
        if format not in FORMATS:
            hint = did_you_mean(format, FORMATS)
            raise ConfigError(f"--format: expected names among {', '.join(FORMATS)}, got {format!r}{hint}")
        missing = [package for package in EXTRA.get(format, ()) if importlib.util.find_spec(package) is None]
        if missing:
            raise MissingPackageError(
                f"--format: {format} needs {' and '.join(missing)}, not installed here: "
                f"pip install 'compare_gan2[{format}]'"
            )


def check_folder(folder, force):
    """Raises a `ConfigError` unless an export may be written to a folder: it is free, or an earlier one.

    Args:
        folder: `pathlib.Path`.
        force: whether an earlier export may be replaced; anything else never is.
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"--output: expected a folder to make, {folder} is a file")
    require_folder("--output", folder)
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / NAME).exists():
        raise ConfigError(
            f"--output: {folder} exists and is not an export (it has no {NAME}), so it is not replaced; choose another"
        )
    if not force:
        raise ConfigError(f"--output: {folder} holds an export; choose another, or replace it with --force")
