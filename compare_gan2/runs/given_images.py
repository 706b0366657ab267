"""Images that a caller gives to a model's networks, checked against them."""

import numpy as np

from compare_gan2.datasets.sources.array_checks import checked_images
from compare_gan2.ground.errors import ConfigError


def given_images(images, image_shape):
    """float32 [N, H, W, C] in [0, 1] of uint8 images in 0..255, or of floats in [0, 1].

    Raises:
        ConfigError: for images of another size than (H, W, C), type or range, or none.
    """
    images = np.asarray(images)
    if images.shape[1:] != image_shape:
        raise ConfigError(f"images: expected [N, {', '.join(map(str, image_shape))}], got {images.shape}")
    if not len(images):
        raise ConfigError("images: expected at least one image, got none")
    images = checked_images(images, "images")
    return images / np.float32(255) if images.dtype == np.uint8 else images.astype(np.float32)
