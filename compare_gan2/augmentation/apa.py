"""APA: fakes among the real images, the more the discriminator overfits (Jiang et al. 2021)."""

import dataclasses

import tensorflow as tf

from compare_gan2.augmentation.adaptive_probability import AdaptiveOptions
from compare_gan2.augmentation.pixels import per_image
from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields


def mixed(real, fake, draws, p):
    """Real images [N, H, W, C], replaced by the fakes, as constants, where draws < p.

    Args:
        real, fake: [N, H, W, C].
        draws: [N] in [0, 1).
        p: scalar.
    """
    return tf.where(per_image(draws < p), tf.stop_gradient(fake), real)


@configurable("apa", module="compare_gan2.augmentation")
@dataclasses.dataclass(frozen=True)
class Apa(AdaptiveOptions):
    """Adaptive pseudo augmentation (Jiang et al. 2021): with probability p a fake takes the place of a real image.

    p is adapted as in `ada`. In a conditional GAN the fake keeps the label that it was generated for; a predictor of
    labels learns from real images alone.
    """

    def __post_init__(self):
        check_fields(self)
