"""One picture file as an array of the size that training needs."""

import dataclasses
import math

import numpy as np
from PIL import Image

from compare_gan2.datasets.pictures.picture_reader import MAX_PIXELS, TRAINING, UnfitPicture, colour_of, read
from compare_gan2.ground.image_size import in_pixels

LONGEST = 50  # longer over shorter side of a picture that is cropped at random


def training_picture(path, channels, resolution, crop, max_pixels=MAX_PIXELS, background="white"):
    """uint8 [h,w,channels] of a picture; training only has to crop it at random and to resize the crop.

    Args:
        path: of the file.
        channels: 1 or 3.
        resolution: side in pixels that images have in the end.
        crop: a `FolderCrop`. "middle", "pad" (the whole picture, with bars) and "none" give [resolution,resolution].
            For "random" the shorter side has this size, for "distorted", whose squares have at least half of the
            area, the square root of two times that; the other side is at most `LONGEST` times as long.
        max_pixels: of a file, see `ReadingRules`.
        background: colour of transparent parts and of what "pad" adds, see `colour_of`.

    Raises:
        UnfitPicture: for a strip that is too long to be cropped at random.
        Exception: as `picture_reader.read`.
    """
    picture = read(path, channels, dataclasses.replace(TRAINING, max_pixels=max_pixels, background=background))
    if crop == "middle":
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    if crop == "pad":
        picture = _padded(picture, resolution, background)
    if crop in ("middle", "none", "pad"):
        size = (resolution, resolution)
    else:
        if max(picture.size) > LONGEST * min(picture.size):  # which, at this size, is more than memory may hold
            width, height = picture.size
            raise UnfitPicture(
                f"a strip of {in_pixels(height, width)}, expected at most {LONGEST} times as long as wide"
            )
        shorter = resolution if crop == "random" else math.ceil(resolution * math.sqrt(2))
        size = tuple(max(round(side * shorter / min(picture.size)), shorter) for side in picture.size)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)  # antialiased
    array = np.asarray(picture, np.uint8)
    return array.reshape(*array.shape[:2], channels)


def _padded(picture, side, background):
    """The whole picture in the middle of a square, its longer side resized to `side`."""
    scale = side / max(picture.size)
    size = tuple(max(round(length * scale), 1) for length in picture.size)
    picture = picture if picture.size == size else picture.resize(size, Image.Resampling.LANCZOS)
    ground = Image.new("RGB", (side, side), colour_of(background)).convert(picture.mode)
    ground.paste(picture, tuple((side - length) // 2 for length in size))
    return ground
