"""Base of all policies of views: a view is a random change of an image that keeps its content."""

import dataclasses

import tensorflow as tf

from compare_gan2.config.matching import check_fields


@dataclasses.dataclass(frozen=True)
class Views:
    """Base of policies: functions of images that draw from (seed, step, view, index in the global batch) alone.

    A subclass defines `changed`, and `require_images` if it cannot take images of every shape.
    """

    def __post_init__(self):
        check_fields(self)

    def __call__(self, images, uniform, purpose, local=False):
        """A view of each image, float32 [N, H, W, C] in [0, 1].

        Args:
            images: [N, H, W, C] in [0, 1] with a static shape.
            uniform: function (shape, purpose) -> draws from [0, 1), such as `StepRandom.uniform`.
            purpose: text that keeps the draws of this view apart from others of the step.
            local: whether the view is a small part of the image.
        """

        def draws(shape, name):
            return uniform([images.shape[0], *shape], f"{purpose}/{name}")

        return tf.clip_by_value(self.changed(images, draws, local), 0.0, 1.0)

    def changed(self, images, draws, local):
        """Changed images; values outside [0, 1] are clipped.

        Args:
            images: float32 [N, H, W, C] in [0, 1].
            draws: function (shape, name) -> draws [N, *shape] from [0, 1).
            local: see `__call__`.
        """
        raise NotImplementedError

    def require_images(self, image_shape):
        """Raises a `ConfigError` unless images of this (height, width, channels) can be changed."""


def per_pixel(values):
    """[N, 1, 1, 1] of [N]."""
    return values[:, None, None, None]


def between(draws, low, high):
    """Draws from [0, 1) brought to [low, high)."""
    return low + (high - low) * draws
