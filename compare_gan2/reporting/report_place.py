"""Which runs a report is of and where it is written, checked before anything is imported or read."""

import pathlib

from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.model_directory import ModelDirectory

NAME = "report.html"
SUFFIX = ".html"


def require_runs(folders):
    """Raises a `ConfigError` for a folder that does not hold a run, or that is given twice.

    Args:
        folders: of the runs.
    """
    seen = set()
    for path in map(pathlib.Path, folders):
        _require_run(path)
        if path.resolve() in seen:
            raise ConfigError(f"RUN: expected different folders, got {path} twice")
        seen.add(path.resolve())


def report_path(folders, output=None):
    """Path of the report: as given, else report.html in the folder of a single run, or here for several.

    Args:
        folders: of the runs.
        output: path, or None.
    """
    if output is not None:
        return pathlib.Path(output)
    return pathlib.Path(folders[0]) / NAME if len(folders) == 1 else pathlib.Path(NAME)


def require_free(path, force):
    """Raises a `ConfigError` if a report would replace a file without `force`, is no `.html` file, or has no place.

    Args:
        path: of the report.
        force: whether a file may be replaced.
    """
    if path.is_file() and not force:
        raise ConfigError(f"--output: {path} exists; choose another name, or give --force to replace it")
    if path.is_dir():
        raise ConfigError(f"--output: expected a file, {path} is a folder")
    files.require_folder("--output", path)
    if path.suffix.lower() != SUFFIX:  # with --force it might be the scores of a run
        raise ConfigError(f"--output: expected a name that ends in {SUFFIX}, got {path}")


def _require_run(path):
    if not path.exists():
        raise ConfigError(f"RUN: expected the folder of a run, got {path}, which does not exist")
    if not path.is_dir():
        raise ConfigError(f"RUN: expected the folder of a run, got {path}, which is a file")
    if ModelDirectory(path).newest_record is None:
        runs = sorted({str(record.parent) for record in path.glob("*/operative_config-*.gin")})
        hint = f"; runs are in {', '.join(runs[:5])}" if runs else ""
        raise ConfigError(
            f"RUN: expected the folder of a run, got {path}, which has no operative_config-N.gin as every run has{hint}"
        )
