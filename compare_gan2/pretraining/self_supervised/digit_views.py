"""Views of digits, letters and other drawings: moved, turned, slanted, scaled, bent, of other strokes; never mirrored.

Affine and elastic distortions, as those that Simard et al. 2003 train on.
"""

import dataclasses
import math
from typing import Annotated

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import NonNegative, PositiveShare, Range, Share
from compare_gan2.pretraining.self_supervised.views import Views, between, per_pixel
from compare_gan2.pretraining.self_supervised.warp import grid, warped

ELASTIC_CELLS = 4  # of the grid of random displacements, along each side


@configurable("digit_views", module="compare_gan2.pretraining")
@dataclasses.dataclass(frozen=True)
class DigitViews(Views):
    """Views of drawings, whose content changes when they are mirrored or turned by a quarter (Simard et al. 2003).

    The defaults are moderate; harder ones with cut-out squares made clusters of digits worse.

    Attributes:
        shift: largest shift in pixels, along each axis.
        rotation: largest angle in degrees.
        shear: largest shift of a row, as a share of its distance from the middle.
        log_scale: largest natural logarithm of the factor of the size.
        elastic: largest displacement in pixels of the corners of a grid of 4 by 4 cells, between which it is linear.
        stroke: largest share by which a pixel moves to the brightest (or darkest) of its 3x3 neighbours, which makes
            strokes bolder (or finer).
        intensity: largest relative change of the brightness.
        noise: largest standard deviation of the uniform noise of each pixel.
        local_area: least share of the image's area that a local view shows; each shows up to twice as much.
    """

    shift: Annotated[float, Range(0, 2**14)] = 3.0
    rotation: Annotated[float, Range(0, 180)] = 20.0
    shear: Annotated[float, Range(0, 10)] = 0.3
    log_scale: Annotated[float, Range(0, 3)] = 0.25
    elastic: Annotated[float, Range(0, 2**14)] = 1.0
    stroke: Share = 0.5
    intensity: Share = 0.3
    noise: NonNegative = 0.05
    local_area: PositiveShare = 0.4

    def changed(self, images, draws, local):
        images = self._moved(images, draws, local)
        if self.stroke:
            share = between(draws([], "stroke"), -self.stroke, self.stroke)
            bold = tf.nn.max_pool2d(images, 3, 1, "SAME") - images
            fine = images + tf.nn.max_pool2d(-images, 3, 1, "SAME")  # what the darkest neighbour lacks
            images += per_pixel(tf.nn.relu(share)) * bold - per_pixel(tf.nn.relu(-share)) * fine
        if self.intensity:
            images *= per_pixel(between(draws([], "intensity"), 1.0 - self.intensity, 1.0 + self.intensity))
        if self.noise:
            reach = self.noise * math.sqrt(3.0)  # of uniform noise with this deviation
            deviation = per_pixel(draws([], "noise")) * reach
            images += deviation * between(draws(images.shape[1:], "noise of pixels"), -1.0, 1.0)
        return images

    def _moved(self, images, draws, local):
        """Read at p -> size * rotation * shear * p + shift, and from there displaced."""
        count, height, width, _ = images.shape
        numbers = tf.unstack(between(draws([6], "geometry"), -1.0, 1.0), axis=1)
        angle, slant, size, right, down, area = (number[:, None, None] for number in numbers)
        angle, size = angle * math.radians(self.rotation), tf.exp(size * self.log_scale)
        x, y = grid(height, width)
        x += slant * self.shear * y
        cos, sin = size * tf.cos(angle), size * tf.sin(angle)
        x, y = cos * x - sin * y, sin * x + cos * y
        across, along = right * self.shift, down * self.shift
        if local:
            side = tf.sqrt(tf.minimum(self.local_area * (1.5 + 0.5 * area), 1.0))
            x, y = side * x, side * y
            across, along = right * (1.0 - side) * width / 2.0, down * (1.0 - side) * height / 2.0
        x, y = x + across, y + along
        if self.elastic:
            corners = between(draws([ELASTIC_CELLS + 1, ELASTIC_CELLS + 1, 2], "elastic"), -1.0, 1.0) * self.elastic
            bent = tf.image.resize(corners, [height, width], "bilinear")
            x, y = x + bent[..., 0], y + bent[..., 1]
        return warped(images, *(tf.broadcast_to(position, [count, height, width]) for position in (x, y)))
