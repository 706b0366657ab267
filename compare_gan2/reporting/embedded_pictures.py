"""Pictures inside a page: data URIs, made smaller where a page would become too large to send."""

import base64
import io

from PIL import Image

from compare_gan2.ground.errors import DamagedFileError
from compare_gan2.reporting.page_parts import Picture

_MOST_BYTES = 400_000  # of a picture that is embedded as it is
_MOST_SIDE = 1200  # pixels of one that is not
_QUALITY = 85


def embedded(path, description, title="", caption=""):
    """`Picture` of a PNG file; a large one is embedded as JPEG, at most 1,200 pixels wide and high, and says so.

    Args:
        path: of the file.
        description: alternative text.
        title: first line below it.
        caption: further text below it.

    Raises:
        DamagedFileError: if the file is not a whole PNG picture.
    """
    try:
        png = path.read_bytes()
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            size = image.size
            if len(png) <= _MOST_BYTES:
                return _picture("png", png, size, description, title, caption)
            small = image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's, for what is not a whole picture
        raise DamagedFileError(f"{path}: expected a PNG picture: {error}") from error
    small.thumbnail((_MOST_SIDE, _MOST_SIDE))
    file = io.BytesIO()
    small.save(file, format="jpeg", quality=_QUALITY)
    caption = "; ".join(filter(None, [caption, f"{path.name} as JPEG, {small.width} of {size[0]} pixels wide"]))
    return _picture("jpeg", file.getvalue(), small.size, description, title, caption)


def embedded_png(png, description, title="", caption=""):
    """`Picture` of the bytes of a PNG file, as they are."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        size = image.size
    return _picture("png", png, size, description, title, caption)


def _picture(kind, data, size, description, title, caption):
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return Picture(source, description, title, caption, *size)
