"""A user's own picture as an image of a model's shape."""

import numpy as np
from PIL import Image, ImageOps

from compare_gan2.datasets.pictures import picture_reader
from compare_gan2.ground.errors import DataError
from compare_gan2.ground.image_size import in_pixels


def require_picture(path):
    """Raises a `DataError` unless a file can be read as a picture."""
    _opened(path, 3)


def read_picture(path, image_shape, fit=False):
    """uint8 [height, width, channels] of a picture file, upright, transparent pixels on white.

    Args:
        path: of the file.
        image_shape: (height, width, channels) of the model; colours become grey, and grey becomes colours.
        fit: crop the middle to the proportions of the model and resize it (Lanczos).

    Raises:
        DataError: for a file that cannot be read, or a picture of another size without `fit`.
    """
    height, width, channels = image_shape
    picture = _opened(path, channels)
    if picture.size != (width, height):
        if not fit:
            raise DataError(
                f"--project: expected a picture of {in_pixels(height, width)}, as the model makes them, {path} has "
                f"{in_pixels(picture.height, picture.width)}; --resize crops and resizes it"
            )
        picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(picture, np.uint8).reshape(image_shape)


def _opened(path, channels):
    try:
        return picture_reader.read(path, channels, picture_reader.TRAINING)
    except picture_reader.UnfitPicture as error:
        raise DataError(f"--project: {error}") from error
    except FileNotFoundError as error:
        raise DataError(f"--project: expected a picture, there is no {path}") from error
    except IsADirectoryError as error:
        raise DataError(f"--project: expected a picture, {path} is a folder") from error
    except Exception as error:  # decoders raise errors of any kind
        reason = picture_reader.reason_of(error)
        raise DataError(f"--project: {path} cannot be read as a picture: {reason}") from error
