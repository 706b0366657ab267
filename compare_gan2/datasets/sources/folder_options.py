"""Options of `dataset.name = "folder"`."""

import dataclasses

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.datasets.crop_options import CropMethod
from compare_gan2.ground.errors import ConfigError


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

    Raises:
        ConfigError: for a value out of range.
    """

    path: str = REQUIRED
    resolution: int = REQUIRED
    crop: CropMethod = "middle"
    test_fraction: float = 0.1
    max_bad_fraction: float = 0.1
    cache_dir: str | None = None

    def __post_init__(self):
        if self.resolution < 1:
            raise ConfigError(f"folder.resolution: expected at least 1, got {self.resolution}")
        if not 0.0 < self.test_fraction < 1.0:
            raise ConfigError(f"folder.test_fraction: expected a number between 0 and 1, got {self.test_fraction}")
        if not 0.0 <= self.max_bad_fraction < 1.0:
            raise ConfigError(f"folder.max_bad_fraction: expected 0 or more, below 1, got {self.max_bad_fraction}")
