"""Pictures brought to a larger size by black borders, as MNIST's digits often are."""

import numpy as np

from compare_gan2.ground.image_size import in_pixels


def padded(images, side):
    """Images [N,H,W,C] in the middle of black ones [N,side,side,C]; the odd row or column is below or to the right.

    Raises:
        ValueError: if they are larger.
    """
    rows, columns = side - images.shape[1], side - images.shape[2]
    if min(rows, columns) < 0:
        raise ValueError(f"expected images of at most {side}x{side} pixels, got {in_pixels(*images.shape[1:3])}")
    return np.pad(images, [(0, 0), (rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0)])
