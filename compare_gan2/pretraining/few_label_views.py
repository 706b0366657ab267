"""Weak and strong distortions of one image, as methods that learn from few labels need them.

Every draw is a function of a seed, so that a resumed run sees the same views.
"""

import dataclasses
import math

import tensorflow as tf

from compare_gan2.ground.seeds import ALGORITHM

DRAWS = 12


@dataclasses.dataclass(frozen=True)
class Limits:
    """Largest distortions of a view.

    Attributes:
        rotation: degrees.
        shear: tangent of the angle.
        log_scale: natural logarithm of each axis's scale.
        shift: share of the side.
        flips: whether half of the images are mirrored.
        colours: largest change of brightness, and of the logarithm of contrast and saturation.
        cut: side of the square that is cut out, as a share of the image's; 0: none.
        fill: fill mode outside the image, see `ImageProjectiveTransformV3`.
    """

    rotation: float = 0.0
    shear: float = 0.0
    log_scale: float = 0.0
    shift: float = 0.0
    flips: bool = False
    colours: float = 0.0
    cut: float = 0.0
    fill: str = "CONSTANT"


LIMITS = {
    ("digits", "weak"): Limits(rotation=10.0, shift=0.07),
    ("digits", "strong"): Limits(rotation=20.0, shear=0.3, log_scale=0.25, shift=0.1, colours=0.3, cut=0.25),
    ("colour", "weak"): Limits(shift=0.125, flips=True, fill="REFLECT"),
    ("colour", "strong"): Limits(
        rotation=15.0, log_scale=0.2, shift=0.125, flips=True, colours=0.5, cut=0.5, fill="REFLECT"
    ),
}


def view(image, kind, strength, seed):
    """Image [H,W,C] in [0, 1], distorted.

    Args:
        image: [H,W,C] in [0, 1].
        kind: "digits" or "colour".
        strength: "weak" or "strong".
        seed: [2] int64.
    """
    limits, shape = LIMITS[kind, strength], image.shape
    draws = tf.random.stateless_uniform([DRAWS], seed, -1.0, 1.0, alg=ALGORITHM)
    image = _moved(image, limits, draws[:6])
    if limits.flips:
        image = tf.where(draws[6] < 0.0, tf.reverse(image, [1]), image)
    if limits.colours:
        image = _coloured(image, limits.colours, draws[7:10])
    if limits.cut:
        image *= 1.0 - _square(shape, limits.cut, draws[10:])
    return tf.ensure_shape(image, shape)


def _moved(image, limits, draws):
    """Rotated, sheared, scaled and shifted about the centre, in one interpolation."""
    angle = draws[0] * math.radians(limits.rotation)
    cosine, sine, shear = tf.cos(angle), tf.sin(angle), draws[1] * limits.shear
    x_scale, y_scale = tf.exp(draws[2] * limits.log_scale), tf.exp(draws[3] * limits.log_scale)
    a, b = cosine * x_scale, (shear * cosine - sine) * x_scale
    c, d = sine * y_scale, (shear * sine + cosine) * y_scale
    x, y = (image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2
    right = x - a * x - b * y + draws[4] * limits.shift * image.shape[1]
    down = y - c * x - d * y + draws[5] * limits.shift * image.shape[0]
    zero = tf.zeros([])
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=image[None],
        transforms=tf.stack([a, b, right, c, d, down, zero, zero])[None],
        output_shape=image.shape[:2],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode=limits.fill,
    )
    return moved[0]


def _coloured(image, most, draws):
    """Brightness, contrast about the mean of the image and, of colour images, saturation changed; within [0, 1]."""
    if image.shape[-1] == 1:  # the background of digits stays black
        return tf.clip_by_value(image * tf.exp(draws[0] * most), 0.0, 1.0) ** tf.exp(draws[1] * most)
    grey = tf.reduce_mean(image, axis=-1, keepdims=True)
    image = grey + (image - grey) * tf.exp(2.0 * most * draws[2])
    mean = tf.reduce_mean(image)
    image = mean + (image - mean) * tf.exp(most * draws[1]) + 0.5 * most * draws[0]
    return tf.clip_by_value(image, 0.0, 1.0)


def _square(shape, side, draws):
    """[H,W,1], 1 within a square whose centre may be anywhere in the image."""
    inside = tf.ones([])
    for axis, length in enumerate(shape[:2]):
        middle = (draws[axis] + 1.0) / 2.0 * length
        distance = tf.abs(tf.range(length, dtype=tf.float32) + 0.5 - middle)
        along = tf.cast(distance < side * length / 2.0, tf.float32)
        inside = inside * tf.reshape(along, [-1, 1, 1] if axis == 0 else [1, -1, 1])
    return inside
