"""Pictures in a run's folder: PNG files, whose parts carry checksums."""

import numpy as np
from PIL import Image

OF_FINISHED_RUN = ("samples.png", "real_and_fake.png", "curves.png")


def whole_picture(path):
    """uint8 array of a PNG file; None if it is missing or damaged."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.verify()  # every chunk against its checksum
        with Image.open(path, formats=["PNG"]) as image:
            return np.asarray(image)
    except (OSError, ValueError, SyntaxError):
        return None
