"""ADA: operations applied with a probability p that follows the discriminator's overfitting (Karras et al. 2020)."""

import dataclasses
from typing import Annotated

import tensorflow as tf

from compare_gan2.augmentation import ada_draws
from compare_gan2.augmentation.ada_colors import COLORS, recolored
from compare_gan2.augmentation.ada_filters import filtered
from compare_gan2.augmentation.ada_geometry import GEOMETRY, moved
from compare_gan2.augmentation.adaptive_probability import AdaptiveOptions
from compare_gan2.augmentation.base import Augmentation, View, chosen, require_channels, require_side
from compare_gan2.augmentation.pixels import per_image
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf


def corrupted(images, parameters, noise=None):
    """Images with noise, then with a rectangle of 0.

    Args:
        images: [N, H, W, C].
        parameters: {"noise": standard deviation [N], "cutout": (side as a share of the image's [N], middle as shares of
            width and height [N, 2])}, those that are applied.
        noise: standard normal draws of the shape of the images, for "noise".
    """
    if "noise" in parameters:
        images = images + per_image(parameters["noise"]) * noise
    if "cutout" in parameters:
        side, middle = parameters["cutout"]
        _, height, width, _ = images.shape
        rows = (tf.range(height, dtype=tf.float32) + 0.5) / height
        columns = (tf.range(width, dtype=tf.float32) + 0.5) / width
        in_rows = tf.abs(rows[None] - middle[:, 1:]) < side[:, None] / 2.0
        in_columns = tf.abs(columns[None] - middle[:, :1]) < side[:, None] / 2.0
        images *= 1.0 - tf.cast(in_rows[:, :, None] & in_columns[:, None, :], tf.float32)[..., None]
    return images


def transformed(images, parameters, noise=None):
    """Images [N, H, W, C] in [-1, 1] after all operations in the method's order, see `ada_draws` for the parameters."""
    if any(name in parameters for name in GEOMETRY):
        images = moved(images, parameters)
    if any(name in parameters for name in COLORS):
        images = recolored(images, parameters)
    if "imgfilter" in parameters:
        images = filtered(images, parameters["imgfilter"])
    return corrupted(images, parameters, noise)


@configurable("ada", module="compare_gan2.augmentation")
@dataclasses.dataclass(frozen=True)
class Ada(AdaptiveOptions, Augmentation):
    """Adaptive discriminator augmentation (Karras et al. 2020, sections 2 and 3, appendix B).

    Attributes:
        operations: groups (blit, geom, color, filter, noise, cutout) or single operations, as text or as a list; the
            paper trains with the first three.
        rotations: what the rotation loss (SSGAN, S3GAN) sees; the angle of an image that is turned already means
            little.
        predictor: what S3GAN's predictor of labels sees; plain images cost a row of the discriminator each.

    Example:
        >>> images = Ada(operations="blit,color")(tf.zeros([8, 32, 32, 3]), StepRandom(0, 7).uniform, p=0.3)
    """

    rotations: View = dataclasses.field(default="plain", kw_only=True)
    predictor: View = dataclasses.field(default="plain", kw_only=True)
    operations: Annotated[str | list, AnyOf("names of operations, checked when the GAN is made")] = "blit,geom,color"

    def __post_init__(self):
        super().__post_init__()
        chosen("ada.operations", self.operations, ada_draws.GROUPS)

    @property
    def chosen_operations(self):
        """Set of the names of single operations."""
        return set(chosen("ada.operations", self.operations, ada_draws.GROUPS))

    def augmented(self, images, uniform, p=None):
        operations = self.chosen_operations
        parameters = ada_draws.drawn(operations, uniform, images.shape[0], self.p if p is None else p)
        noise = ada_draws.normal(uniform(images.shape, "noise")) if "noise" in operations else None
        return transformed(images, parameters, noise)

    def require_images(self, image_shape):
        operations = self.chosen_operations
        if operations & set(GEOMETRY):
            require_side("ada", image_shape, 8, "a shift by an eighth is less than a pixel")
        if "imgfilter" in operations:
            require_side("ada", image_shape, 22, "a filter of 43 pixels is mirrored at the edges; leave out filter")
        if operations & set(COLORS):
            require_channels("ada", image_shape, "color")
