"""Discriminator rejection sampling, DRS: images are accepted by their logits (Azadi et al. 2019, section 3)."""

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
    maximum: largest logit; it is accepted with the highest probability.
    shift: gamma of the paper.
"""


@dataclasses.dataclass(frozen=True)
class DRS:
    """Options of rejection sampling: an image is accepted with a probability that follows from its logit.

    If logits are the logarithms of density ratios, real to generated, and nothing is shifted, accepted images have the
    distribution of real ones (equation 7). The paper first trains the last layer of the discriminator further to come
    closer to that; here logits are taken as they are.

    Attributes:
        percentile: percentile of the scores at which an image is accepted with probability 1/2; higher rejects more.
        burn_in: number of images, of each class, from which the largest logit and the percentile are estimated.
        most: largest number of candidates for an image; if none is accepted, that with the largest logit is taken.

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
    """F of the paper (equation 8) without its shift, float64 [N], for logits [N], cut at the maximum."""
    below = np.minimum(np.asarray(logits, np.float64) - maximum, 0.0)
    return below - np.log1p(-np.exp(below - _EPSILON))


def probabilities(logits, maximum, shift):
    """Probability in [0, 1] that each image is accepted, float64 [N], for its logit and its `Ceiling`."""
    return 1.0 / (1.0 + np.exp(np.minimum(shift - scores(logits, maximum), 700.0)))
