"""Pictures in a run's folder: PNG files, whose parts carry checksums."""

import numpy as np
from PIL import Image

OF_FINISHED_RUN = ("samples.png", "real_and_fake.png", "curves.png")


def whole_picture(path):
    """uint8 [height, width, 3] of a PNG file; None if it is missing or damaged."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.verify()  # every chunk against its checksum
        with Image.open(path, formats=["PNG"]) as image:
            return np.asarray(image.convert("RGB"))  # another program may have saved it as a palette
    except (OSError, ValueError, SyntaxError):
        return None
