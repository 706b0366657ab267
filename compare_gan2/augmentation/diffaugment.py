"""DiffAugment: colours, shifts and cut-out squares, the same functions for real and fake images (Zhao et al. 2020).

Functions of images in [-1, 1] and draws [N] for each image; outputs are not clipped, as in the published code.
"""

import dataclasses
from typing import Annotated

import tensorflow as tf

from compare_gan2.augmentation.base import Augmentation, chosen, require_channels, require_side
from compare_gan2.augmentation.pixels import outside_window, per_image, shifted, whole_number
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf

GROUPS = {
    "color": ("brightness", "saturation", "contrast"),
    "translation": ("translation",),
    "cutout": ("cutout",),
}
# Columns of one array of draws, fixed, so that an operation draws the same whichever others there are.
DRAWS = {"brightness": (0,), "saturation": (1,), "contrast": (2,), "translation": (3, 4), "cutout": (5, 6)}
_COLUMNS = 7


def brightness(images, draws):
    """Images, brighter by draws - 0.5."""
    return images + (per_image(draws) - 0.5)


def saturation(images, draws):
    """Images whose distance from their grey is multiplied by 2 draws."""
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    return grey + (images - grey) * (2.0 * per_image(draws))


def contrast(images, draws):
    """Images whose distance from their mean is multiplied by draws + 0.5."""
    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    return mean + (images - mean) * (per_image(draws) + 0.5)


translation = shifted


def cutout(images, rows, columns):
    """Images with a square of 0, half as wide as they are.

    Args:
        images: [N, H, W, C].
        rows, columns: int32 [N], middle of the square.
    """
    height, width = _window(images.shape[1]), _window(images.shape[2])
    return images * outside_window(images.shape, rows - height // 2, columns - width // 2, height, width)


def reach(size):
    """Largest shift in pixels: an eighth of the side."""
    return int(size / 8 + 0.5)


def _window(size):
    return int(size / 2 + 0.5)


@configurable("diffaugment", module="compare_gan2.augmentation")
@dataclasses.dataclass(frozen=True)
class DiffAugment(Augmentation):
    """DiffAugment: the discriminator sees every image, real or fake, after random operations (Zhao et al. 2020).

    Attributes:
        policy: operations in their order, as "color,translation,cutout" or as a list.

    Example:
        >>> images = DiffAugment(policy="translation")(tf.zeros([8, 32, 32, 3]), StepRandom(0, 7).uniform)
    """

    policy: Annotated[str | list, AnyOf("names of operations, checked when the GAN is made")] = (
        "color,translation,cutout"
    )

    def __post_init__(self):
        super().__post_init__()
        chosen("diffaugment.policy", self.policy, GROUPS)

    @property
    def operations(self):
        """Names of the operations, in their order."""
        return chosen("diffaugment.policy", self.policy, GROUPS)

    def augmented(self, images, uniform, p=None):
        draws = uniform([images.shape[0], _COLUMNS], "diffaugment")
        drawn = {
            "brightness": brightness,
            "saturation": saturation,
            "contrast": contrast,
            "translation": _drawn_translation,
            "cutout": _drawn_cutout,
        }
        for operation in self.operations:
            images = drawn[operation](images, *(draws[:, column] for column in DRAWS[operation]))
        return images

    def require_images(self, image_shape):
        if "translation" in self.operations:
            require_side("diffaugment", image_shape, 4, "a shift by an eighth is less than a pixel")
        if "cutout" in self.operations:
            require_side("diffaugment", image_shape, 2, "a square of half the side is cut out")
        if "saturation" in self.operations:
            require_channels("diffaugment", image_shape, "saturation")


def _drawn_translation(images, rows, columns):
    shifts = [
        whole_number(draws, 2 * reach(size) + 1) - reach(size)
        for draws, size in zip((rows, columns), images.shape[1:3], strict=True)
    ]
    return shifted(images, *shifts)


def _drawn_cutout(images, rows, columns):
    middles = [
        whole_number(draws, size + 1 - _window(size) % 2)
        for draws, size in zip((rows, columns), images.shape[1:3], strict=True)
    ]
    return cutout(images, *middles)
