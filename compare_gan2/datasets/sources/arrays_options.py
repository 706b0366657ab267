"""Options of `dataset.name = "arrays"`."""

import dataclasses

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.ground.errors import ConfigError


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

    path: str = REQUIRED
    test_fraction: float = 0.1

    def __post_init__(self):
        if not 0.0 < self.test_fraction < 1.0:
            raise ConfigError(f"arrays.test_fraction: expected a number between 0 and 1, got {self.test_fraction}")
