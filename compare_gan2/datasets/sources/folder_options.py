"""Options of `dataset.name = "folder"`."""

import dataclasses

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Decay, FolderName, InnerShare, Pixels, Side
from compare_gan2.datasets.crop_options import CropMethod
from compare_gan2.datasets.pictures.picture_reader import MAX_PIXELS


@configurable("folder", module="compare_gan2.datasets.folder_source")
@dataclasses.dataclass(frozen=True)
class FolderOptions:
    """Which pictures, and how they are brought to one size.

    Attributes:
        path: folder with one sub-folder per class, or with unlabelled pictures and no sub-folders.
        resolution: side in pixels of the images of training.
        crop: crop before the resize, see `transforms.crop`; test images get the middle where it is random.
        test_fraction: share of the pictures of each class that is held out for scores, always the same ones, in (0, 1).
        max_bad_fraction: share of the pictures that may be unreadable and are left out, in [0, 1).
        cache_dir: folder of the decoded pictures; None: `cache_folder.default_cache_dir()`.
        max_pixels: a picture of more counts as one that cannot be read.

    Raises:
        ConfigError: for a value out of range.
    """

    path: FolderName = REQUIRED
    resolution: Side = REQUIRED
    crop: CropMethod = "middle"
    test_fraction: InnerShare = 0.1
    max_bad_fraction: Decay = 0.1
    cache_dir: FolderName | None = None
    max_pixels: Pixels = MAX_PIXELS

    def __post_init__(self):
        check_fields(self)
