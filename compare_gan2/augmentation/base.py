"""What every augmentation of images shares."""

import dataclasses
from typing import Literal

import tensorflow as tf

from compare_gan2.config.matching import check_fields
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.image_size import in_pixels

View = Literal["augmented", "plain"]


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Base of augmentations: differentiable functions of images that draw from (seed, step, purpose, index) alone.

    A subclass defines `augmented`, and `require_images` if it cannot take images of every shape.

    Attributes:
        rotations: what the rotation loss (SSGAN, S3GAN) sees.
        predictor: what S3GAN's predictor of labels sees.
    """

    rotations: View = dataclasses.field(default="augmented", kw_only=True)
    predictor: View = dataclasses.field(default="augmented", kw_only=True)

    def __post_init__(self):
        check_fields(self)

    def __call__(self, images, uniform, purpose="augmentation", p=None):
        """Augmented float32 images [N, H, W, C] of images in [0, 1]; values may leave that range.

        Args:
            images: [N, H, W, C] with a static shape.
            uniform: function (shape, purpose) -> draws from [0, 1), such as `StepRandom.uniform`.
            purpose: text that keeps these draws apart from others of the step.
            p: scalar probability of each operation, from an `AdaptiveProbability`; None for that of the options.
        """
        signed = 2.0 * tf.cast(images, tf.float32) - 1.0  # in [-1, 1], where the methods are defined: 0 is grey
        return 0.5 * (self.augmented(signed, lambda shape, name: uniform(shape, f"{purpose}/{name}"), p) + 1.0)

    def augmented(self, images, uniform, p):
        """Augmented images [N, H, W, C] of float32 images in [-1, 1]; arguments as in `__call__`."""
        raise NotImplementedError

    def require_images(self, image_shape):
        """Raises a `ConfigError` unless images of this (height, width, channels) can be augmented."""


def require_side(name, image_shape, least, reason):
    """Raises a `ConfigError` for images with a side below `least` pixels."""
    height, width = image_shape[:2]
    if min(height, width) < least:
        raise ConfigError(
            f"ModularGAN.augmentation: @{name} needs images of at least {least}x{least} pixels ({reason}), these are "
            f"{in_pixels(height, width)}"
        )


def require_channels(name, image_shape, operations):
    """Raises a `ConfigError` for images that are neither grey nor RGB."""
    if image_shape[2] not in (1, 3):
        raise ConfigError(
            f"ModularGAN.augmentation: @{name} changes colours of images with 1 or 3 channels, these have "
            f"{image_shape[2]}; leave out {operations}"
        )


def chosen(option, given, groups):
    """List of operations that a text "a,b" or a list names, each an operation or a group of them, in the given order.

    Args:
        option: for messages.
        given: text or list of texts.
        groups: {group: its operations}.

    Raises:
        ConfigError: for a name that is neither, for none at all, and for an operation that is named twice.
    """
    names = given.split(",") if isinstance(given, str) else list(given)
    names = [name.strip() if isinstance(name, str) else name for name in names]
    single = [name for members in groups.values() for name in members]
    found = [each for name in names for each in (groups.get(name, [name]) if isinstance(name, str) else [name])]
    if not names or any(name not in single for name in found):
        others = ", ".join(name for name in single if name not in groups)
        raise ConfigError(f"{option}: expected some of {', '.join(groups)}, or of {others}, got {given!r}")
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise ConfigError(f"{option}: expected each operation once, got {', '.join(twice)} twice in {given!r}")
    return found
