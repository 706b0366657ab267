"""Discriminator rejection sampling, DRS (Azadi et al. 2019, section 3): images are kept as likely as they are real."""

import collections
import dataclasses
from typing import Annotated

import numpy as np

from compare_gan2.config.matching import check_values
from compare_gan2.config.ranges import Count, Range

_EPSILON = 1e-8  # keeps the logarithm finite, as in the paper

Ceiling = collections.namedtuple("Ceiling", ["maximum", "shift"])
Ceiling.__doc__ = """What the logits of a model's images are compared with.

Attributes:
    maximum: largest logit, whose image is accepted with the highest probability.
    shift: gamma of the paper.
"""


@dataclasses.dataclass(frozen=True)
class DRS:
    """Which images are kept: with a probability that follows from their logit.

    With logits that are the logarithm of the ratio of the densities of real and of generated images, and without the
    shift, what is kept has the distribution of real images (equation 7). The paper trains the last layer of the
    discriminator further to come near to that; logits are taken as they are here.

    Attributes:
        percentile: of the images, that which is accepted with probability 1/2; a higher one rejects more.
        burn_in: images from which the largest logit and the percentile are estimated, for each class.
        most: candidates for an image, of which the one with the largest logit is taken if none is accepted.

    Raises:
        ConfigError: for values of other types or ranges.

    Example:
        >>> images = model.sample(16, drs=DRS(percentile=80))
    """

    percentile: Annotated[float, Range(0, 100)] = 80.0
    burn_in: Count = 256
    most: Count = 1000

    def __post_init__(self):
        check_values(self, "drs")

    def ceiling(self, logits):
        """`Ceiling` estimated from logits [N] of images."""
        maximum = float(np.max(logits))
        return Ceiling(maximum, float(np.percentile(scores(logits, maximum), self.percentile)))


def scores(logits, maximum):
    """F of the paper (equation 8) without its shift, float64 [N], for logits [N]; above the maximum as at it."""
    below = np.minimum(np.asarray(logits, np.float64) - maximum, 0.0)
    return below - np.log1p(-np.exp(below - _EPSILON))


def probabilities(logits, maximum, shift):
    """Probability in [0, 1] with which each image is kept, float64 [N], for its logit and its `Ceiling`."""
    return 1.0 / (1.0 + np.exp(np.minimum(shift - scores(logits, maximum), 700.0)))
