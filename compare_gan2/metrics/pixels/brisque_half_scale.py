"""The second scale of BRISQUE: images at half their size, in the three ways that implementations have it.

The way decides the score: on one photograph, with all else equal, it moves by up to 5 (docs/evaluation.md).
"""

import numpy as np
import scipy.ndimage

_TAPS = np.array([-3, 19, 19, -3]) / 32


def _bicubic(images):
    """OpenCV's `INTER_CUBIC`, as the PyPI package `brisque`: four pixels a side (a = -3/4), not antialiased."""
    for axis in (2, 1):  # in OpenCV's order, which decides the last bit
        half = _rounded_half(images.shape[axis])
        margins = [(1, 2) if axis == other else (0, 0) for other in range(3)]
        padded = np.moveaxis(np.pad(images, margins, mode="edge"), axis, 0)
        total = padded[0 : 2 * half : 2] * _TAPS[0]
        for start in (1, 2, 3):
            total = total + padded[start : start + 2 * half : 2] * _TAPS[start]
        images = np.moveaxis(total, 0, axis)
    return np.ascontiguousarray(images)


def _antialiased_bicubic(images):
    """MATLAB's `imresize`, as the authors' release: the kernel (a = -1/2) twice as wide, over eight pixels a side."""
    distances = np.abs(np.arange(-3.5, 4.0)) / 2  # of the eight pixels around a new one, in new pixels
    near = 1.5 * distances**3 - 2.5 * distances**2 + 1
    far = -0.5 * distances**3 + 2.5 * distances**2 - 4 * distances + 2
    taps = np.where(distances <= 1, near, far)
    taps /= taps.sum()
    for axis in (1, 2):
        # An even filter is centred on its fifth tap, so origin -1 puts it between pixels 0 and 1.
        images = scipy.ndimage.correlate1d(images, taps, axis=axis, mode="reflect", origin=-1)
        images = images[:, ::2] if axis == 1 else images[:, :, ::2]
    return images


def _nearest(images):
    """OpenCV's `INTER_NEAREST`, as the PyPI package `pybrisque`: every second pixel."""
    return images[:, ::2, ::2][:, : _rounded_half(images.shape[1]), : _rounded_half(images.shape[2])]


HALF_SCALES = {"bicubic": _bicubic, "antialiased_bicubic": _antialiased_bicubic, "nearest": _nearest}


def _rounded_half(side):
    """Half of a side as OpenCV rounds it: to the even number of two that are equally near."""
    return round(side / 2)
