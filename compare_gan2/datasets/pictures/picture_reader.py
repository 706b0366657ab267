"""One picture file of any common kind, as 8-bit grey or colour: one reader, whose rules differ between its uses."""

import contextlib
import dataclasses

import numpy as np
from PIL import Image, ImageColor

from compare_gan2.ground.image_size import in_pixels

_GREY = ("1", "L", "LA", "La")
_DEEP_GREY = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")  # more than 8 bits
_COLOUR = ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV")
_WITH_ALPHA = ("LA", "La", "PA", "RGBA", "RGBa")
_EXIF_ORIENTATION = 0x0112
_UPRIGHT = {  # orientation -> what turns its pixels upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MAX_PIXELS = 80_000_000
_SIDEWAYS = (5, 6, 7, 8)  # orientations that swap height and width


@dataclasses.dataclass(frozen=True)
class ReadingRules:
    """How pixels are taken from a picture file.

    Attributes:
        upright: turn a picture as its EXIF orientation says; otherwise its pixels are taken as stored.
        background: colour that transparent parts are put on, as `colour_of` takes it; None: a picture with transparent
            pixels is refused.
        reduce_depth: reduce grey of 16 or 32 bits or of floating point to 8 bits; otherwise it is refused.
        max_pixels: most pixels of a picture, by its header: a file of a few bytes may ask for gigabytes.
    """

    upright: bool
    background: str | None
    reduce_depth: bool
    max_pixels: int = MAX_PIXELS


# Users' photographs are prepared for training; pictures to score are taken as they are, as clean-fid takes them, and
# whatever would have to be decided about them is refused.
TRAINING = ReadingRules(upright=True, background="white", reduce_depth=True)
SCORING = ReadingRules(upright=False, background=None, reduce_depth=False)


class UnfitPicture(ValueError):
    """A picture that can be decoded but that the rules refuse; the message names it."""


@dataclasses.dataclass(frozen=True)
class PictureHeader:
    """What a picture's header says of what `read` would give.

    Attributes:
        height, width: in pixels.
        channels: 1 for grey, else 3.
        has_alpha: whether pixels may be transparent.
    """

    height: int
    width: int
    channels: int
    has_alpha: bool

    @property
    def shape(self):
        """(height, width, channels)."""
        return self.height, self.width, self.channels


def header_of(path, rules):
    """`PictureHeader` of a picture file, whose pixels are not decoded.

    Raises:
        UnfitPicture: for a picture that the rules refuse.
        Exception: of any kind, as decoders raise for a file that is not what it seems; see `reason_of`.
    """
    with _opened(path, rules) as picture:
        width, height = picture.size
        if rules.upright and picture.getexif().get(_EXIF_ORIENTATION) in _SIDEWAYS:
            width, height = height, width
        return PictureHeader(height, width, 3 if picture.mode in _COLOUR else 1, _has_alpha(picture))


def read(path, channels, rules):
    """`PIL.Image.Image` of 8 bits per channel, the first one of an animation.

    16-bit grey is rounded to 8 bits, 32-bit integers are taken for 16-bit ones, and floating point for [0, 1].

    Args:
        path: of the file.
        channels: 1 for grey (mode "L") or 3 for colour (mode "RGB").
        rules: `ReadingRules`.

    Raises:
        UnfitPicture: for a picture that the rules refuse, or pixels outside of these ranges.
        Exception: of any kind, as decoders raise for a file that is not what it seems; see `reason_of`.
    """
    with _opened(path, rules) as picture:
        # Not by ImageOps.exif_transpose, which also rewrites all other tags and fails at the first odd one.
        upright = _UPRIGHT.get(picture.getexif().get(_EXIF_ORIENTATION)) if rules.upright else None
        picture = picture if upright is None else picture.transpose(upright)
        if picture.mode in _DEEP_GREY:
            picture = _reduced(picture)
        elif _has_alpha(picture):
            picture = _opaque(picture, path, rules)
        return picture.convert("L" if channels == 1 else "RGB")


def colour_of(name):
    """(red, green, blue), 0 to 255 each, of a colour: a name of CSS such as "white", or "#rrggbb".

    Raises:
        ValueError: for anything else, and for a colour with transparency.
    """
    colour = ImageColor.getrgb(name)
    if len(colour) != 3:
        raise ValueError(f"{name!r} is transparent")
    return colour


def reason_of(error):
    """Why a picture cannot be read, in one line, by the exception that reading it raised."""
    return " ".join(str(error).split()) or type(error).__name__


@contextlib.contextmanager
def _opened(path, rules):
    """Context manager: the picture, its header read and checked, its pixels not decoded yet."""
    try:
        picture = Image.open(path)
    except Image.DecompressionBombError as error:  # Pillow's own limit, which is higher
        raise UnfitPicture(f"{path} has too many pixels, {_most(rules)}: {error}") from error
    with picture:
        if picture.width * picture.height > rules.max_pixels:
            size = in_pixels(picture.height, picture.width)
            raise UnfitPicture(f"{path} has too many pixels, {_most(rules)}, got {size}")
        _require_mode(picture.mode, path, rules)
        yield picture


def _most(rules):
    return f"expected at most {rules.max_pixels} (folder.max_pixels, --max_pixels)"


def _require_mode(mode, path, rules):
    if mode not in _GREY + _COLOUR and not rules.reduce_depth:
        raise UnfitPicture(f"expected pictures of 8 bits per channel, {path} is of Pillow's mode {mode!r}")
    if mode not in _GREY + _DEEP_GREY + _COLOUR:
        raise UnfitPicture(f"pixels of Pillow's mode {mode!r} are not supported")


def _reduced(picture):
    """8-bit grey of a picture of more bits."""
    values = np.asarray(picture)
    low, high = values.min(), values.max()
    if picture.mode == "F":
        if not (low >= 0 and high <= 1):  # NaN is refused too
            raise UnfitPicture(f"floating-point pixels outside [0, 1]: {low} to {high}")
        return Image.fromarray(np.rint(values * 255).astype(np.uint8))
    # 32 bits hold 16 of them in some files; one of 0..255 would come out black.
    if picture.mode == "I" and (low < 0 or high > 65535 or 0 < high < 256):
        raise UnfitPicture(f"32-bit integer pixels from {low} to {high}, expected up to 65535 and above 255")
    return Image.fromarray(np.rint(values.astype(np.float64) / 257.0).astype(np.uint8))


def _has_alpha(picture):
    return picture.mode in _WITH_ALPHA or "transparency" in picture.info


def _opaque(picture, path, rules):
    """The picture on the background, or as it is if no pixel of it is transparent."""
    colours = picture.convert("RGBA")
    if rules.background is not None:
        return Image.alpha_composite(Image.new("RGBA", colours.size, colour_of(rules.background)), colours)
    if colours.getextrema()[3][0] < 255:
        raise UnfitPicture(f"{path} has transparent pixels; put it on a background first")
    return picture
