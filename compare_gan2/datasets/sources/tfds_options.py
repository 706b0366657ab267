"""Options of `dataset.name = "tfds:NAME"`."""

import dataclasses
from typing import Annotated

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf, Side
from compare_gan2.datasets.crop_options import CropMethod

PREFIX = "tfds:"
Split = Annotated[str, AnyOf("splits of the dataset, checked when it is opened")]


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

    resolution: Side | None = None
    crop: CropMethod = "middle"
    train_split: Split = "train"
    test_split: Split | None = None

    def __post_init__(self):
        check_fields(self)
