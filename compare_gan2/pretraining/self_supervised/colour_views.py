"""Views of photographs: crops, mirrored, of other colours, grey, blurred (Chen et al. 2020, appendix A)."""

import dataclasses
import math
from typing import Annotated

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import PositiveShare, Range, Share
from compare_gan2.ground.errors import ConfigError
from compare_gan2.pretraining.self_supervised.views import Views, between, per_pixel
from compare_gan2.pretraining.self_supervised.warp import grid, warped

LUMA = (0.299, 0.587, 0.114)
LARGEST_RATIO = 4.0 / 3.0  # of the sides of a crop
TAPS = 3.0  # deviations of the largest blur that its filter reaches


@configurable("colour_views", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class ColourViews(Views):
    """Views of photographs, as SimCLR makes them (Chen et al. 2020, appendix A); brightness is changed first.

    Images with one channel have neither saturation nor hue.

    Attributes:
        area: least share of the image's area that a crop shows; crops are resized to the image's size.
        local_area: the same of local views, which show at most `area`.
        flip: probability of mirroring.
        brightness, contrast, saturation: largest relative changes.
        hue: largest rotation of the hue, as a share of a full turn.
        jitter: probability that these four are applied.
        grey: probability of a grey image.
        blur: probability of a Gaussian blur.
        blur_deviation: largest deviation of the blur in pixels; the smallest is a twentieth of it.
    """

    area: PositiveShare = 0.2
    local_area: PositiveShare = 0.05
    flip: Share = 0.5
    brightness: Share = 0.4
    contrast: Share = 0.4
    saturation: Share = 0.4
    hue: Annotated[float, Range(0, 0.5)] = 0.1
    jitter: Share = 0.8
    grey: Share = 0.2
    blur: Share = 0.5
    blur_deviation: Annotated[float, Range(0, 100)] = 1.0

    def __post_init__(self):
        super().__post_init__()
        if self.local_area > self.area:
            raise ConfigError(
                f"colour_views.local_area: expected at most colour_views.area ({self.area}), got {self.local_area}"
            )

    def require_images(self, image_shape):
        """Raises a `ConfigError` for images that are neither grey nor RGB."""
        if image_shape[2] not in (1, 3):
            raise ConfigError(
                f"pretrain.views: @colour_views() changes images with 1 or 3 channels, these have {image_shape[2]}"
            )

    def changed(self, images, draws, local):
        images = self._cropped(images, draws, local)
        images = tf.where(per_pixel(draws([], "whether jitter")) < self.jitter, self._jittered(images, draws), images)
        if self.grey and images.shape[3] == 3:
            images = tf.where(per_pixel(draws([], "whether grey")) < self.grey, _grey(images), images)
        if self.blur and self.blur_deviation:
            deviations = between(draws([], "blur"), self.blur_deviation / 20.0, self.blur_deviation)
            blurred = blur(images, deviations, math.ceil(TAPS * self.blur_deviation))
            images = tf.where(per_pixel(draws([], "whether blur")) < self.blur, blurred, images)
        return images

    def _cropped(self, images, draws, local):
        count, height, width, _ = images.shape
        numbers = (number[:, None, None] for number in tf.unstack(draws([5], "crop"), axis=1))
        area, ratio, right, down, mirrored = numbers
        area = between(area, self.local_area, self.area) if local else between(area, self.area, 1.0)
        root = tf.exp(between(ratio, -0.5, 0.5) * math.log(LARGEST_RATIO))
        wide, high = tf.minimum(tf.sqrt(area) * root, 1.0), tf.minimum(tf.sqrt(area) / root, 1.0)
        x, y = grid(height, width)
        x = tf.where(mirrored < self.flip, -x, x) * wide + between(right, -0.5, 0.5) * (1.0 - wide) * width
        y = y * high + between(down, -0.5, 0.5) * (1.0 - high) * height
        return warped(images, *(tf.broadcast_to(position, [count, height, width]) for position in (x, y)))

    def _jittered(self, images, draws):
        bright, contrast, saturation, hue = tf.unstack(between(draws([4], "jitter"), -1.0, 1.0), axis=1)
        images = tf.clip_by_value(images * per_pixel(1.0 + bright * self.brightness), 0.0, 1.0)
        mean = tf.reduce_mean(_grey(images), [1, 2, 3], keepdims=True)
        images = tf.clip_by_value(mean + (images - mean) * per_pixel(1.0 + contrast * self.contrast), 0.0, 1.0)
        if images.shape[3] == 1:
            return images
        grey = _grey(images)
        images = tf.clip_by_value(grey + (images - grey) * per_pixel(1.0 + saturation * self.saturation), 0.0, 1.0)
        return turned_hue(images, hue * self.hue)


def _grey(images):
    """Images whose channels are their luma."""
    if images.shape[3] == 1:
        return images
    return tf.tile(tf.reduce_sum(images * tf.constant(LUMA), 3, keepdims=True), [1, 1, 1, 3])


def turned_hue(images, turns):
    """RGB images [N, H, W, 3] whose colours are turned around the axis of grey by a share of a full turn [N]."""
    angle = per_pixel(2.0 * math.pi * turns)
    mean = tf.reduce_mean(images, 3, keepdims=True)
    colour = images - mean
    across = (tf.roll(colour, 1, 3) - tf.roll(colour, -1, 3)) / math.sqrt(3.0)  # cross product with the axis
    return mean + tf.cos(angle) * colour + tf.sin(angle) * across


def blur(images, deviations, reach):
    """Images after a Gaussian filter of a deviation [N] in pixels each, cut at `reach` pixels; borders are repeated."""
    offsets = tf.range(-reach, reach + 1, dtype=tf.float32)
    weights = tf.exp(-0.5 * tf.square(offsets[None] / deviations[:, None]))
    weights = tf.unstack(weights / tf.reduce_sum(weights, 1, keepdims=True), axis=1)
    for axis in (1, 2):
        size = images.shape[axis]
        shifted = [
            tf.gather(images, tf.clip_by_value(tf.range(size) + offset, 0, size - 1), axis=axis)
            for offset in range(-reach, reach + 1)
        ]
        images = tf.add_n([per_pixel(weight) * part for weight, part in zip(weights, shifted, strict=True)])
    return images
