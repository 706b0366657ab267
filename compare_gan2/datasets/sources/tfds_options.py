"""Options of `dataset.name = "tfds:NAME"`."""

import dataclasses

from compare_gan2.config.declare import configurable
from compare_gan2.datasets.crop_options import CropMethod
from compare_gan2.ground.errors import ConfigError

PREFIX = "tfds:"


@configurable("tfds", module="compare_gan2.datasets.tfds_options")
@dataclasses.dataclass(frozen=True)
class TfdsOptions:
    """How images of `dataset.name = "tfds:NAME"` are brought to one size.

    Attributes:
        resolution: side in pixels of the images of training; None: images as stored, all of one size.
        crop: crop before the resize, see `transforms.crop`; test images get the middle where it is random.
        train_split: TFDS split to train on, such as "train[:90%]".
        test_split: TFDS split for scores; None: "test" if there is one, else "validation".

    Raises:
        ConfigError: for a value out of range.
    """

    resolution: int | None = None
    crop: CropMethod = "middle"
    train_split: str = "train"
    test_split: str | None = None

    def __post_init__(self):
        if self.resolution is not None and self.resolution < 1:
            raise ConfigError(f"tfds.resolution: expected at least 1, got {self.resolution}")
