"""Where a trained model may lie: folder of a run, folder of saved networks, or a `.keras` file."""

import pathlib

from compare_gan2.ground.errors import ConfigError
from compare_gan2.run_folder.links import require_ordinary
from compare_gan2.run_folder.model_directory import ModelDirectory
from compare_gan2.runs.export_record import NAME

GENERATOR, DISCRIMINATOR = "generator.keras", "discriminator.keras"
_EXPECTED = f"expected the folder of a run, one with {GENERATOR}, or a .keras file"


def has_saved_networks(path):
    """Whether a path, of what `require_model` lets pass, holds saved networks and no run."""
    path = pathlib.Path(path)
    return path.is_file() or (path / GENERATOR).exists()


def require_model(path):
    """Raises a `ConfigError` unless a model may lie at a path; needs no TensorFlow, and reads no file."""
    path = pathlib.Path(path)
    if not path.exists():
        raise ConfigError(f"--model_dir: {_EXPECTED}, there is no {path}")
    require_ordinary(path)
    if has_saved_networks(path):
        return
    if (path / NAME).exists():
        raise ConfigError(
            f"--model_dir: {path} is an export without {GENERATOR}; export its run with --format=keras, too"
        )
    if ModelDirectory(path).newest_record is None and not list(path.glob("model.ckpt-*")):
        raise ConfigError(f"--model_dir: {_EXPECTED}, {path} holds neither")
