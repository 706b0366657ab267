"""Where `compare_gan2 sample` writes, known and checked before anything is computed."""

import pathlib

from compare_gan2.ground import files
from compare_gan2.ground.errors import ConfigError

_BESIDE = {"neighbours": ".csv", "project": ".npz"}  # a second file of the same name


def outputs(options):
    """Paths that will be written, none of which exists unless it may be replaced.

    Args:
        options: of `sample_flags.parser`, with `kind` and `format`.

    Raises:
        ConfigError: for a path that exists, or a name whose suffix is that of another format, or a folder that
            cannot be written.
        MissingPackageError: for a format whose package is not installed.
    """
    from compare_gan2.sampling.animations import FORMATS, require_writer  # here, since Pillow takes its time
    from compare_gan2.sampling.sample_files import require_free

    require_writer(options.format)
    is_folder = options.format == "png"
    suffix = "" if is_folder else {"picture": ".png", "npz": ".npz", **FORMATS}[options.format]
    path = pathlib.Path(options.output) if options.output else pathlib.Path(f"{_name(options)}{suffix}")
    if path.suffix.lower() != suffix and not is_folder:
        raise ConfigError(f"--output: expected a name that ends in {suffix} (--format={options.format}), got {path}")
    found = [path, *(path.with_suffix(beside) for kind, beside in _BESIDE.items() if kind == options.kind)]
    for each in found:
        require_free(each, options.force, is_folder=is_folder)
    files.require_folder("--output", path)
    return found


def _name(options):
    model = pathlib.Path(options.model_dir).resolve()
    base = model.stem if model.is_file() else model.name
    what = {
        "grid": "grid",
        "files": "samples",
        "style": f"style{options.style_of}",
        "sweep": "truncation",
        "walk": options.interpolate,
        "neighbours": "neighbours",
        "project": "projection",
    }
    return f"{base}-{what[options.kind]}"
