"""One picture file of any common kind as an array: upright, opaque, 8 bits, of the size that training needs."""

import math

import numpy as np
from PIL import Image

_GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
LONGEST = 50  # sides of a picture that is cropped by chance
_EXIF_ORIENTATION = 0x0112
_UPRIGHT = {  # what brings the pixels of an orientation upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = (5, 6, 7, 8)  # orientations that swap height and width


def shape_of(path):
    """(height, width, channels) of a picture as it is shown, by its header; channels is 1 for grey, else 3.

    Raises:
        Exception: of any kind, as decoders do for a file that is not what it seems.
    """
    with Image.open(path) as picture:
        if picture.mode not in _GREY + _COLOUR:
            raise ValueError(f"pixels of Pillow's mode {picture.mode!r} are not supported")
        width, height = picture.size
        if picture.getexif().get(_EXIF_ORIENTATION) in _TURNED:
            width, height = height, width
        return height, width, 1 if picture.mode in _GREY else 3


def read(path, channels, resolution, crop):
    """uint8 [h,w,channels]: what is left to do with it in training is a crop by chance and a resize of that.

    The first picture of an animation; transparent parts on white; 16 bits rounded to 8, 32 as 16; floating point from
    0 to 1.

    Args:
        path: of the file.
        channels: 1 or 3.
        resolution: side that images have in the end.
        crop: see `transforms.crop`. "middle" and "none" give [resolution,resolution]; for "random" the shorter side has
            this size, for "distorted", whose squares have half of the area or more, the square root of two times that,
            and the other side is at most `LONGEST` times as long.

    Raises:
        Exception: of any kind, as decoders do for a file that is not what it seems.
    """
    with Image.open(path) as file:
        # Not by ImageOps.exif_transpose, which also rewrites all other tags and fails at the first odd one.
        upright = _UPRIGHT.get(file.getexif().get(_EXIF_ORIENTATION))
        picture = _opaque(file if upright is None else file.transpose(upright))
        picture = picture.convert("L" if channels == 1 else "RGB")
    if crop == "middle":
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        picture = picture.crop((left, top, left + side, top + side))
    if crop in ("middle", "none"):
        size = (resolution, resolution)
    else:
        if max(picture.size) > LONGEST * min(picture.size):  # which, at this size, is more than memory may hold
            width, height = picture.size
            raise ValueError(f"a strip of {width}x{height} pixels, expected at most {LONGEST} times as long as wide")
        shorter = resolution if crop == "random" else math.ceil(resolution * math.sqrt(2))
        size = tuple(max(round(side * shorter / min(picture.size)), shorter) for side in picture.size)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.LANCZOS)  # antialiased
    array = np.asarray(picture, np.uint8)
    return array.reshape(*array.shape[:2], channels)


def _opaque(picture):
    """Grey or colour of 8 bits per channel without transparency."""
    if picture.mode == "F":
        values = np.asarray(picture)
        if not (values.min() >= 0 and values.max() <= 1):  # NaN is refused too
            raise ValueError(f"floating-point pixels outside [0, 1]: {values.min()} to {values.max()}")
        return Image.fromarray(np.rint(values * 255).astype(np.uint8))
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.float64)
        low, high = int(values.min()), int(values.max())
        # 32 bits hold 16 of them in some files; one of 0..255 would come out black.
        if picture.mode == "I" and (low < 0 or high > 65535 or 0 < high < 256):
            raise ValueError(f"32-bit integer pixels from {low} to {high}, expected up to 65535 and above 255")
        return Image.fromarray(np.rint(values / 257.0).astype(np.uint8))
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        colours = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    return picture
