"""Options of `dataset.name = "arrays"`."""

import dataclasses

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import FileName, InnerShare


@configurable("arrays", module="compare_gan2.datasets.arrays_source")
@dataclasses.dataclass(frozen=True)
class ArraysOptions:
    """Where the arrays are.

    Attributes:
        path: of an `.npz` file with `images` [N,H,W,C] (uint8, or floats in [0, 1]) and, optionally, `labels` [N] (-1:
            unlabelled), `test_images`, `test_labels` and `class_names`.
        test_fraction: share of the images, or of those with a label, that is held out for scores, in (0, 1); not used
            if the file has `test_images`.

    Raises:
        ConfigError: for a value out of range.
    """

    path: FileName = REQUIRED
    test_fraction: InnerShare = 0.1

    def __post_init__(self):
        check_fields(self)
