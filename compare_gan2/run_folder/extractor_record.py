"""`inputs.json` in the folder of a feature extractor: everything that determines its weights."""

import dataclasses
import pathlib

from compare_gan2.architectures.resnet_v2 import ResNetV2Options
from compare_gan2.ground import store
from compare_gan2.ground.errors import ConfigError, DamagedFileError

NAME = "inputs.json"


@dataclasses.dataclass(frozen=True)
class ExtractorRecord:
    """What a network is made from that computes the features of an extractor.

    Attributes:
        image_shape: (height, width, channels) of the images it was trained on.
        network: `ResNetV2Options`.
        training_steps: updates, after which it is finished.
    """

    image_shape: tuple
    network: ResNetV2Options
    training_steps: int


def read(folder, option="feature_network.path"):
    """`ExtractorRecord` of a folder, which an option names.

    Raises:
        ConfigError: if the folder holds no extractor.
        DamagedFileError: if its record is not one.
    """
    path = pathlib.Path(folder) / NAME
    if not path.is_file():
        raise ConfigError(
            f"{option}: expected the folder of a run of 'compare_gan2 pretrain' (--model_dir, or the one in"
            f" the cache that it prints), got {str(folder)!r}, which holds no {NAME}"
        )
    way_out = "name another folder, or pre-train again"
    found = store.read_json(path, way_out)
    try:
        shape = tuple(map(int, found["image_shape"]))
        if len(shape) != 3 or min(shape) < 1:
            raise ValueError(f"image_shape is {shape}")
        return ExtractorRecord(shape, ResNetV2Options(**found["resnet_v2"]), int(found["pretrain"]["training_steps"]))
    except (KeyError, TypeError, ValueError) as error:  # a `ConfigError` of the options is a ValueError
        raise DamagedFileError(
            f"{path}: expected the record of a feature extractor, got {error!r}; {way_out}"
        ) from error
