"""The type of generated images that a caller asks for."""

import numpy as np

from compare_gan2.ground.errors import ConfigError


def in_dtype(dtype, images):
    """Images in [0, 1] as the type that was asked for: "float32" as they are, "uint8" rounded to whole numbers.

    Raises:
        ConfigError: for another type.
        ValueError: for NaN or infinity.
    """
    if not np.isfinite(images).all():  # bytes would hide it
        raise ValueError("images: expected numbers in [0, 1], the generator gives NaN or infinity")
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = None
    if dtype is None or name not in ("uint8", "float32"):
        raise ConfigError(f"dtype: expected 'uint8' or 'float32', got {dtype!r}")
    if name == "float32":
        return images
    return np.rint(np.clip(images, 0.0, 1.0) * 255).astype(np.uint8)
