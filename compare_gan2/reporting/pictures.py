"""Pictures of samples: plain grids, one row per class, real beside generated; small images are enlarged unblurred."""

import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from compare_gan2.ground import files

_MARGIN = 16  # pixels around a picture and between its parts
_SHOWN_SIDE = 64  # pixels; smaller images are enlarged to this side, or to at least half of it
_CAPTION_HEIGHT = 18  # pixels of a caption or a heading of a column
_LABEL_WIDTH = 220  # pixels; longer class names are cut
_MOST_LINES = 4  # of a title that does not fit into one
_BACKGROUND = (255, 255, 255)
_INK = (34, 34, 34)


def image_grid(images, columns, padding=1):
    """uint8 array [height, width, channels] of images in rows, white between them and around.

    The height is rows * (image height + padding) + padding, the width likewise; unused places are white.

    Args:
        images: float [n, h, w, 1 or 3] in [0, 1], first image top left.
        columns: images per row.
        padding: white pixels between images and around the grid.

    Raises:
        ValueError: for another shape, or numbers outside [0, 1].
    """
    images = _checked(images, "images")
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    grid = np.full([rows, height + padding, columns, width + padding, channels], 255, np.uint8)
    for index in range(count):
        grid[index // columns, padding:, index % columns, padding:] = images[index]
    grid = grid.reshape(rows * (height + padding), columns * (width + padding), channels)
    return np.pad(grid, [(0, padding), (0, padding), (0, 0)], constant_values=255)


def sample_grid(images, title=""):
    """uint8 array [height, width, 3]: the images in a square, for models without classes.

    Args:
        images: float [n, h, w, 1 or 3] in [0, 1].
        title: line above the grid, if any.

    Raises:
        ValueError: for what `image_grid` refuses.
    """
    grid = _enlarged(image_grid(images, _square(images)), np.shape(images)[1])
    picture, top = _canvas(grid.width + 2 * _MARGIN, grid.height + _MARGIN, title)
    picture.paste(grid, (_MARGIN, top))
    return np.asarray(picture)


def class_grid(images_per_class, class_names, title=""):
    """uint8 array [height, width, 3]: one row of samples per class, the name of the class at its left.

    Args:
        images_per_class: one float array [n, h, w, 1 or 3] in [0, 1] per class.
        class_names: as many names.
        title: line above the grid, if any.

    Raises:
        ValueError: when the numbers of classes and names differ, or for what `image_grid` refuses.
    """
    if len(images_per_class) != len(class_names):
        raise ValueError(f"class_names: expected {len(images_per_class)} names, got {len(class_names)}")
    side = images_per_class[0].shape[1]
    rows = [_enlarged(image_grid(images, len(images)), side) for images in images_per_class]
    row_height, overlap = rows[0].height, _scale(side)  # neighbouring rows share the white line between them
    font = _font(max(14, min(20, row_height // 4)))
    labels = [_cut(str(name), font, _LABEL_WIDTH) for name in class_names]
    left = _MARGIN + round(max(font.getlength(label) for label in labels)) + _MARGIN // 2
    width = left + max(row.width for row in rows) + _MARGIN
    picture, top = _canvas(width, len(rows) * (row_height - overlap) + _MARGIN, title)
    draw = ImageDraw.Draw(picture)
    for index, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = top + index * (row_height - overlap)
        picture.paste(row, (left, y))
        draw.text((left - _MARGIN // 2, y + row_height // 2), label, fill=_INK, font=font, anchor="rm")
    return np.asarray(picture)


def captioned_grid(rows, row_names=None, column_names=None, captions=None, title=""):
    """uint8 array [height, width, 3]: rows of images with names at the left and above, and a caption below each image.

    Args:
        rows: one float array [n, h, w, 1 or 3] in [0, 1] per row; their lengths may differ.
        row_names: as many names, or None.
        column_names: one heading per column, or None.
        captions: for each row one text per image, or None.
        title: line above the grid, if any.

    Raises:
        ValueError: when numbers of names differ, or for images that `image_grid` refuses.
    """
    rows = [_checked(row, "rows") for row in rows]
    columns = max(len(row) for row in rows)
    for what, names, count in (("row_names", row_names, len(rows)), ("column_names", column_names, columns)):
        if names is not None and len(names) != count:
            raise ValueError(f"{what}: expected {count} names, got {len(names)}")
    _, height, width, _ = rows[0].shape
    scale = _scale(height)
    small, font = _font(12), _font(max(14, min(20, height * scale // 4)))
    texts = [str(text) for line in [column_names or [], *(captions or [])] for text in line]
    widest = round(max(map(small.getlength, texts), default=0)) + _CAPTION_HEIGHT // 2
    cell_width = max((width + 1) * scale, min(widest, _LABEL_WIDTH))
    cell_height = (height + 1) * scale + _CAPTION_HEIGHT * (captions is not None)
    labels = ["" if name is None else _cut(str(name), font, _LABEL_WIDTH) for name in row_names or [None] * len(rows)]
    left = _MARGIN + round(max(font.getlength(label) for label in labels)) + (_MARGIN // 2) * any(labels)
    heading = _CAPTION_HEIGHT if column_names is not None else 0
    picture, top = _canvas(left + columns * cell_width + _MARGIN, heading + len(rows) * cell_height + _MARGIN, title)
    draw, top = ImageDraw.Draw(picture), top + heading
    for number, name in enumerate(column_names or ()):
        place = (left + number * cell_width + cell_width // 2, top - heading // 2)
        draw.text(place, _cut(str(name), small, cell_width - 2), fill=_INK, font=small, anchor="mm")
    for index, (row, label) in enumerate(zip(rows, labels, strict=True)):
        y = top + index * cell_height
        draw.text((left - _MARGIN // 2, y + height * scale // 2), label, fill=_INK, font=font, anchor="rm")
        for number, image in enumerate(row):
            x = left + number * cell_width
            picture.paste(_enlarged(image, height), (x + (cell_width - width * scale) // 2, y))
            if captions is not None:
                text = _cut(str(captions[index][number]), small, cell_width - 2)
                below = (x + cell_width // 2, y + height * scale + _CAPTION_HEIGHT // 2)
                draw.text(below, text, fill=_INK, font=small, anchor="mm")
    return np.asarray(picture)


def real_and_fake(real, fake, title=""):
    """uint8 array [height, width, 3]: real images in the left half, generated ones in the right, under headings.

    Args:
        real: float [n, h, w, 1 or 3] in [0, 1].
        fake: of the same shape.
        title: line above both, if any.

    Raises:
        ValueError: when the shapes differ, or for what `image_grid` refuses.
    """
    if np.shape(real) != np.shape(fake):
        raise ValueError(f"fake: expected the shape of real, {np.shape(real)}, got {np.shape(fake)}")
    halves = [_enlarged(image_grid(images, _square(real)), images.shape[1]) for images in (real, fake)]
    font = _font(20)
    heading_height = 32
    width = 3 * _MARGIN + 2 * halves[0].width
    picture, top = _canvas(width, heading_height + halves[0].height + _MARGIN, title)
    draw = ImageDraw.Draw(picture)
    for index, (half, heading) in enumerate(zip(halves, ("Real", "Generated"), strict=True)):
        left = _MARGIN + index * (half.width + _MARGIN)
        draw.text((left + half.width // 2, top + heading_height // 2), heading, fill=_INK, font=font, anchor="mm")
        picture.paste(half, (left, top + heading_height))
    return np.asarray(picture)


def enlarge(array, side):
    """uint8 array with every pixel repeated, so that images with a side of `side` pixels are large enough to see."""
    return array.repeat(_scale(side), axis=0).repeat(_scale(side), axis=1)


def save_png(path, array):
    """Writes a uint8 array [h, w], [h, w, 1] or [h, w, 3] as a PNG file, whole or not at all.

    Raises:
        OSError: when the disk is full or the folder cannot be written.
    """
    array = np.asarray(array)
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.ndim == 3 and array.shape[2] not in (1, 3):
        raise ValueError(f"array: expected uint8 [h, w], [h, w, 1] or [h, w, 3], got {array.dtype} {array.shape}")
    with files.replacing(path) as file:
        Image.fromarray(array[:, :, 0] if array.shape[2:] == (1,) else array).save(file, format="png")


def _checked(images, name):
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not images.size or images.shape[3] not in (1, 3):
        raise ValueError(f"{name}: expected [n, height, width, 1 or 3] with n > 0, got {images.shape}")
    low, high = images.min(), images.max()
    if not (low >= -1e-5 and high <= 1 + 1e-5):  # written so that NaN is refused too
        raise ValueError(f"{name}: expected numbers in [0, 1], got {low} to {high}")
    return np.round(np.clip(images, 0, 1) * 255).astype(np.uint8)


def _square(images):
    return math.ceil(math.sqrt(len(images)))


def _scale(side):
    return max(1, _SHOWN_SIDE // side)


def _enlarged(grid, side):
    grid = enlarge(grid, side)
    return Image.fromarray(np.broadcast_to(grid, [*grid.shape[:2], 3]).copy())


def _canvas(width, height, title):
    """White picture of this width with the title drawn, and the y where `height` pixels of content begin."""
    room = width - 2 * _MARGIN
    sizes = (size for size in range(22, 12, -1) if _font(size).getlength(title) <= room)
    font = _font(next(sizes, 12))
    lines = _wrapped(title, font, room)
    top = (3 * _MARGIN if title else _MARGIN) + (len(lines) - 1) * _CAPTION_HEIGHT
    picture = Image.new("RGB", (width, top + height), _BACKGROUND)
    for number, line in enumerate(lines):
        place = (width // 2, 3 * _MARGIN // 2 + 2 + number * _CAPTION_HEIGHT)
        ImageDraw.Draw(picture).text(place, line, fill=_INK, font=font, anchor="mm")
    return picture, top


def _wrapped(text, font, width):
    """The text in lines of at most this width, broken at spaces; what `_MOST_LINES` do not hold is cut."""
    lines, words = [""], text.split(" ")
    for number, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < _MOST_LINES:
            lines.append(word)
        else:
            lines[-1] += " " + " ".join(words[number:])
            break
    return [_cut(line, font, width) for line in lines]


def _font(size):
    import matplotlib  # here, since it takes long to import; its fonts are on every machine

    fonts = pathlib.Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(fonts / "DejaVuSans.ttf", size)


def _cut(text, font, width):
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
