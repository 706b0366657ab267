"""Weights of another extractor that training starts from."""

import hashlib
import pathlib

from compare_gan2.ground.errors import CheckpointError, ConfigError
from compare_gan2.run_folder import extractor_record
from compare_gan2.run_folder.checkpoint_files import checkpoint_path
from compare_gan2.run_folder.checkpoints import damage_of, load_network

OPTION = "few_labels.start"


def checked_path(folder):
    """Path of the last checkpoint of a trained extractor in a folder.

    Raises:
        ConfigError: if the folder holds none, or one whose training has not ended.
        DamagedFileError: if its record cannot be read.
    """
    record = extractor_record.read(folder, OPTION)
    path = checkpoint_path(pathlib.Path(folder), record.training_steps)
    if not path.with_name(path.name + ".index").is_file():
        raise ConfigError(
            f"{OPTION}: expected an extractor that is trained to its end, {folder} has no checkpoint of step "
            f"{record.training_steps}; run 'compare_gan2 pretrain' again with its configuration"
        )
    damage = damage_of(path)
    if damage:
        raise ConfigError(f"{OPTION}: {path} is damaged ({damage}); remove its files and pre-train again")
    return path


def check(folder, image_shape, network_options):
    """Raises a `ConfigError` unless a folder holds a trained extractor of this network, for images of this shape."""
    checked_path(folder)
    record = extractor_record.read(folder, OPTION)
    for name, expected, found in (
        ("resnet_v2", network_options, record.network),
        ("images", tuple(image_shape), record.image_shape),
    ):
        if _as_lists(found) != _as_lists(expected):
            raise ConfigError(f"{OPTION}: expected an extractor with {name} {expected}, {folder} has {found}")


def digest_of(folder):
    """SHA-256 of the checkpoint that training starts from."""
    path = checked_path(folder)
    digest = hashlib.sha256()
    for file in sorted(path.parent.glob(f"{path.name}.data-*")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def load(folder, extractor):
    """Assigns the weights of an extractor in a folder to one of the same network.

    Raises:
        ConfigError: as `check`, and for another network.
    """
    path = checked_path(folder)
    try:
        load_network(path, extractor)
    except (CheckpointError, ValueError) as error:
        raise ConfigError(f"{OPTION}: {path} holds another network than resnet_v2.* describes: {error}") from error


def _as_lists(options):
    return repr(options).replace("(", "[").replace(")", "]").replace(",]", "]")
