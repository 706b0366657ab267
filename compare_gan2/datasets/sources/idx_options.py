"""Options of `dataset.name = "idx"`."""

import dataclasses
from typing import Annotated

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf, FolderName, InnerShare, Side


@configurable("idx", module="compare_gan2.datasets.idx_source")
@dataclasses.dataclass(frozen=True)
class IdxOptions:
    """Which IDX files, and how their pictures are read.

    Attributes:
        path: folder with the files of one data set under MNIST's names, packed by gzip or not; of several, the folder
            and the beginning of the files' names, such as "gzip/emnist-letters".
        side: height and width in pixels that smaller pictures are padded to, with black borders; None: as stored.
        transposed: whether the files hold rows in place of columns; None: only those of EMNIST, whose names begin with
            "emnist".
        class_names: one name per class, in the order of the labels.
        test_fraction: share of each class that is held out for scores, in (0, 1); not read if there are test files.

    Raises:
        ConfigError: for a value out of range.
    """

    path: FolderName = REQUIRED
    side: Side | None = None
    transposed: bool | None = None
    class_names: list[Annotated[str, AnyOf("names, whose number is checked with the labels")]] | None = None
    test_fraction: InnerShare = 0.1

    def __post_init__(self):
        check_fields(self)
