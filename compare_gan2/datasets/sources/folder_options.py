"""Options of `dataset.name = "folder"`."""

import dataclasses
from typing import Annotated, Literal

from compare_gan2.config.declare import REQUIRED, configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import AnyOf, Decay, FolderName, InnerShare, Pixels, Side
from compare_gan2.datasets.crop_options import FolderCrop
from compare_gan2.datasets.pictures.picture_reader import MAX_PIXELS, colour_of
from compare_gan2.ground.errors import ConfigError

Colour = Annotated[str, AnyOf("colours, checked by the options")]
LATER = ("background", "channels", "smaller")  # what older versions did not have; the defaults are what they did


@configurable("folder", module="compare_gan2.datasets.folder_source")
@dataclasses.dataclass(frozen=True)
class FolderOptions:
    """Which pictures, and how they are brought to one size.

    Attributes:
        path: folder with one sub-folder per class, or with unlabelled pictures and no sub-folders.
        unlabelled: folder of pictures that training sees without a label, at any depth: a sub-folder of `path` by its
            name, which is not a class then, or another path; "." takes all pictures below `path`; None: none.
        loose: what pictures beside the sub-folders of classes are.
        resolution: side in pixels of the images of training.
        crop: crop before the resize, see `transforms.crop`, or "pad": the whole picture, with bars of `background` in
            two directions; test images get the middle where it is random.
        test_fraction: share of the pictures of each class that is held out for scores, always the same ones, in (0, 1).
        max_bad_fraction: share of the pictures that may be unreadable and are left out, in [0, 1).
        cache_dir: folder of the decoded pictures; None: `cache_folder.default_cache_dir()`.
        max_pixels: a picture of more counts as one that cannot be read.
        background: colour of transparent parts and of the bars of "pad", a name of CSS or "#rrggbb".
        channels: "auto": grey if all pictures are, else colour; "grey" and "colour" convert all others.
        smaller: what is done with a picture whose shorter side ("pad": whose longer side) is smaller than `resolution`.

    Raises:
        ConfigError: for a value out of range.
    """

    path: FolderName = REQUIRED
    resolution: Side = REQUIRED
    crop: FolderCrop = "middle"
    test_fraction: InnerShare = 0.1
    max_bad_fraction: Decay = 0.1
    cache_dir: FolderName | None = None
    max_pixels: Pixels = MAX_PIXELS
    background: Colour = "white"
    channels: Literal["auto", "grey", "colour"] = "auto"
    smaller: Literal["enlarge", "leave_out", "refuse"] = "enlarge"
    unlabelled: FolderName | None = None
    loose: Literal["refuse", "unlabelled"] = "refuse"

    def __post_init__(self):
        check_fields(self)
        try:
            colour_of(self.background)
        except ValueError as error:
            raise ConfigError(
                f'folder.background: expected a name of CSS such as "white", or "#rrggbb", got {self.background[:40]!r}'
            ) from error

    def channels_of(self, seen):
        """1 or 3, the channels of all images, given those of the pictures; 3 for an empty list."""
        return {"grey": 1, "colour": 3}.get(self.channels) or max(seen, default=3)

    @property
    def unlike_before(self):
        """{name: value} of the options that older versions did not have, as far as they change what those did."""
        return {name: getattr(self, name) for name in LATER if getattr(self, name) != getattr(type(self), name)}

    def is_smaller(self, height, width):
        """Whether a picture of this size has to be enlarged."""
        return (max if self.crop == "pad" else min)(height, width) < self.resolution
