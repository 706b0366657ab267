"""What ADA draws for each image: {operation: its parameter}, the identity where an operation is not applied.

| operation | parameter of each image |
|---|---|
| xflip, lumaflip | 0 or 1 |
| rotate90 | quarter turns, 0 to 3 |
| xint, xfrac | [2], shift as a share of width and height |
| scale, aniso | factor |
| rotate | pair of angles, before and after aniso |
| brightness, contrast, hue, saturation | summand, factor, angle, factor |
| imgfilter | [4], gain of each frequency band |
| noise | standard deviation |
| cutout | pair of side and middle [2], as shares |

Source: Karras et al. 2020, appendix B.
"""

import math

import tensorflow as tf

GROUPS = {
    "blit": ("xflip", "rotate90", "xint"),
    "geom": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
    "filter": ("imgfilter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
}
# Columns of one array of draws: whether an operation is applied, then what its parameter follows from. Fixed, so that
# an operation draws the same whichever others there are.
COLUMNS = {
    "xflip": 2,
    "rotate90": 2,
    "xint": 3,
    "scale": 2,
    "rotate": 4,
    "aniso": 2,
    "xfrac": 3,
    "brightness": 2,
    "contrast": 2,
    "lumaflip": 2,
    "hue": 2,
    "saturation": 2,
    "imgfilter": 8,
    "noise": 2,
    "cutout": 3,
}
# Standard deviations; the largest share of a shift by whole pixels is also SHIFT.
SHIFT, BRIGHTNESS, NOISE = 0.125, 0.2, 0.1
FACTORS = {"scale": 0.2, "aniso": 0.2, "contrast": 0.5, "saturation": 1.0}  # of the factor's logarithm, base 2
WINDOW = 0.5  # side of the window that is cut out
BANDS = 4


def normal(draws):
    """Standard normal numbers of uniform draws in (0, 1)."""
    return math.sqrt(2.0) * tf.math.erfinv(2.0 * draws - 1.0)


def drawn(operations, uniform, count, p):
    """{operation: parameters of `count` images}, each operation applied with probability p.

    Args:
        operations: names of single operations.
        uniform: function (shape, purpose) -> draws from [0, 1).
        count: images.
        p: scalar; above 1 it counts as 1.
    """
    draws = tf.split(uniform([count, sum(COLUMNS.values())], "ada"), list(COLUMNS.values()), axis=1)
    draws = dict(zip(COLUMNS, draws, strict=True))
    return {name: _parameter(name, draws[name], p) for name in COLUMNS if name in operations}


def at_percentile(operations, percentile, count):
    """{operation: parameters of `count` images}, every operation at the same place of its distribution.

    As the published code in its debug mode: what is normal is there erfinv(2 percentile - 1), without the square root
    of 2, and there is one rotation.
    """
    draw = tf.fill([count], tf.constant(percentile, tf.float32))
    pair = tf.stack([draw, draw], 1)
    z = tf.math.erfinv(2.0 * draw - 1.0)
    angle = (2.0 * draw - 1.0) * math.pi
    parameters = {
        "xflip": tf.floor(2.0 * draw),
        "rotate90": tf.floor(4.0 * draw),
        "xint": (2.0 * pair - 1.0) * SHIFT,
        "rotate": (angle, tf.zeros_like(draw)),
        "xfrac": tf.stack([z, z], 1) * SHIFT,
        "brightness": z * BRIGHTNESS,
        "lumaflip": tf.floor(2.0 * draw),
        "hue": angle,
        **{name: 2.0 ** (deviation * z) for name, deviation in FACTORS.items()},
        "imgfilter": tf.tile(2.0 ** z[:, None], [1, BANDS]),
        "noise": NOISE * tf.math.erfinv(draw),
        "cutout": (tf.fill([count], WINDOW), pair),
    }
    return {name: value for name, value in parameters.items() if name in operations}


def _parameter(name, draws, p):
    """The parameter of an operation for each image, from its columns of draws."""
    applied, rest = draws[:, 0] < p, draws[:, 1:]
    if name in ("xflip", "lumaflip"):
        return _where(applied, tf.floor(2.0 * rest[:, 0]), 0.0)
    if name == "rotate90":
        return _where(applied, tf.floor(4.0 * rest[:, 0]), 0.0)
    if name in ("xint", "xfrac"):
        share = 2.0 * rest - 1.0 if name == "xint" else normal(rest)
        return _where(applied[:, None], share * SHIFT, 0.0)
    if name == "rotate":
        p = 1.0 - tf.sqrt(tf.clip_by_value(1.0 - tf.cast(p, tf.float32), 0.0, 1.0))  # of at least one of both: p
        return _angle(draws[:, 0] < p, draws[:, 1]), _angle(draws[:, 2] < p, draws[:, 3])
    if name in FACTORS:
        return _where(applied, 2.0 ** (FACTORS[name] * normal(rest[:, 0])), 1.0)
    if name == "brightness":
        return _where(applied, normal(rest[:, 0]) * BRIGHTNESS, 0.0)
    if name == "hue":
        return _angle(applied, rest[:, 0])
    if name == "imgfilter":
        return _where(draws[:, :BANDS] < p, 2.0 ** normal(draws[:, BANDS:]), 1.0)
    if name == "noise":
        return _where(applied, tf.abs(normal(rest[:, 0])) * NOISE, 0.0)
    return _where(applied, tf.ones_like(rest[:, 0]) * WINDOW, 0.0), rest  # cutout


def _where(applied, value, identity):
    return tf.where(applied, value, tf.constant(identity, tf.float32))


def _angle(applied, draws):
    return _where(applied, (2.0 * draws - 1.0) * math.pi, 0.0)
