"""Options of `dataset.name = "tfds:NAME"`, apart from what reads it: importing TFDS takes seconds."""

import dataclasses

from compare_gan2.configuration import ConfigError, configurable
from compare_gan2.datasets.crops import CropMethod

PREFIX = "tfds:"


@configurable("tfds", module="compare_gan2.datasets.tfds_options")
@dataclasses.dataclass(frozen=True)
class TfdsOptions:
    """How images of `dataset.name = "tfds:NAME"` are taken.

    Attributes:
        resolution: side in pixels that images are brought to; None: they are taken as they are, all of one size.
        crop: before that, see `transforms.crop`; test images get the middle where it is drawn by chance.
        train_split: TFDS split to train on, such as "train[:90%]".
        test_split: TFDS split for scores; None: "test" or "validation", whichever is there first.
    """

    resolution: int | None = None
    crop: CropMethod = "middle"
    train_split: str = "train"
    test_split: str | None = None

    def __post_init__(self):
        if self.resolution is not None and self.resolution < 1:
            raise ConfigError(f"tfds.resolution: expected at least 1, got {self.resolution}")
