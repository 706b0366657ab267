"""Penalties on the discriminator, added to its loss with weight `options.lamba`.

Each is called with keywords: `discriminate(images) -> logits`, which judges images with the labels of the real ones and
`discriminate(images, fake=True)` with those of the fakes; real `images`, `fake_images`, the discriminator's `kernels`,
and `uniform(shape, purpose)`, which draws from [0, 1) by (seed, step, purpose, index in the global batch).
Each returns a scalar and ignores the keywords that it does not need.

Gradients are with respect to images in [0, 1]. Most published weights are for images in [-1, 1], whose gradients are
half as large: a published weight of a squared gradient (R1, R2, max-GP) is four times ours.

Example:
    >>> inputs = {"images": images, "fake_images": generator(latents), "uniform": StepRandom(0, step).uniform}
    >>> wgangp_penalty(discriminate=lambda images: discriminator(images).logits, **inputs)
"""

import dataclasses
import inspect
from collections.abc import Callable

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Count, NonNegative
from compare_gan2.distribution.cross_replica import rows_of_all_replicas
from compare_gan2.ground.errors import ConfigError

PENALTY_LIB = "compare_gan.gans.penalty_lib"
SLOPE_EPSILON = 1e-4
KEYWORDS = ["discriminate", "images", "fake_images", "kernels", "uniform"]


@configurable("no_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def no_penalty(**_):
    """The constant 0."""
    return tf.constant(0.0)


@configurable("wgangp_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def wgangp_penalty(*, discriminate, images, fake_images, uniform, epsilon: NonNegative = SLOPE_EPSILON, **_):
    """Mean squared distance of the gradient norm from 1 between real and fake images (Gulrajani et al. 2017).

    Args:
        epsilon: added to the squared norm before its root is taken, as in the original; 0 in the paper.
    """
    alpha = uniform([images.shape[0], 1, 1, 1], "penalty")
    return _gradient_penalty(discriminate, images + alpha * (fake_images - images), epsilon)


@configurable("dragan_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def dragan_penalty(
    *, discriminate, images, uniform, epsilon: NonNegative = SLOPE_EPSILON, as_in_studiogan: bool = False, **_
):
    """Mean squared distance of the gradient norm from 1 around real images (Kodali et al. 2017).

    It is taken at images plus uniform noise of at most half the standard deviation of all values, clipped to [0, 1].

    Args:
        epsilon: added to the squared norm before its root is taken, as in the original; 0 in the paper.
        as_in_studiogan: noise from 0 to half the deviation, times a uniform factor of each image, not clipped.
    """
    deviation = tf.sqrt(tf.math.reduce_variance(images))
    if as_in_studiogan:
        deviation *= (images.shape.num_elements() / (images.shape.num_elements() - 1)) ** 0.5
        alpha = uniform([images.shape[0], 1, 1, 1], "penalty/alpha")
        return _gradient_penalty(
            discriminate, images + alpha * 0.5 * deviation * uniform(images.shape, "penalty"), epsilon
        )
    noise = uniform(images.shape, "penalty") - 0.5
    return _gradient_penalty(discriminate, tf.clip_by_value(images + deviation * noise, 0.0, 1.0), epsilon)


@configurable("r1", module=PENALTY_LIB, denylist=KEYWORDS)
def r1(*, discriminate, images, **_):
    """Half the mean squared gradient norm at real images (Mescheder et al. 2018); `options.lamba` is gamma."""
    return 0.5 * tf.reduce_mean(squared_slopes(discriminate, images))


@configurable("r2", module=PENALTY_LIB, denylist=KEYWORDS)
def r2(*, discriminate, fake_images, **_):
    """Half the mean squared gradient norm at fake images (Mescheder et al. 2018); `options.lamba` is gamma."""
    return 0.5 * tf.reduce_mean(squared_slopes(_on_fakes(discriminate), fake_images))


@configurable("r1_r2", module=PENALTY_LIB, denylist=KEYWORDS)
def r1_r2(*, discriminate, images, fake_images, **_):
    """Sum of `r1` and `r2` (R3GAN, Huang et al. 2024); `options.lamba` is gamma."""
    return r1(discriminate=discriminate, images=images) + r2(discriminate=discriminate, fake_images=fake_images)


@configurable("max_gp", module=PENALTY_LIB, denylist=KEYWORDS)
def max_gp(*, discriminate, images, fake_images, uniform, **_):
    """Largest squared gradient norm between real and fake images of the batch (Lipschitz GAN, Zhou et al. 2019)."""
    alpha = uniform([images.shape[0], 1, 1, 1], "penalty")
    slopes = squared_slopes(discriminate, images + alpha * (fake_images - images))
    return tf.reduce_max(rows_of_all_replicas(slopes))


@configurable("l2_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def l2_penalty(*, kernels, **_):
    """Mean over the discriminator's kernels (heads included, before spectral norm) of half the sum of squares."""
    return tf.reduce_mean(tf.stack([tf.nn.l2_loss(kernel) for kernel in kernels]))


@configurable("penalty", module=PENALTY_LIB)
@dataclasses.dataclass(frozen=True)
class Penalty:
    """The choice of penalty.

    Attributes:
        fn: a penalty, such as `@no_penalty`, `@wgangp_penalty`, `@r1` or `@r1_r2`.
        every: lazy regularisation (Karras et al. 2020, appendix B): the penalty is computed in one of so many generator
            steps, the first one included, and counts as many times; 1 computes it always.
    """

    fn: Callable = no_penalty
    every: Count = 1

    def __post_init__(self):
        check_fields(self)


OF_THE_ORIGINAL = (no_penalty, wgangp_penalty, dragan_penalty, l2_penalty)
OVER_BATCH = (max_gp,)  # the term of an example depends on the others
WITHOUT_GRADIENTS = (no_penalty, l2_penalty)


def require_penalty(fn):
    """Raises a `ConfigError` unless a function takes the keywords that penalties are called with."""
    try:
        inspect.signature(fn).bind(**dict.fromkeys(KEYWORDS))
    except TypeError as error:
        name = getattr(fn, "__name__", fn)
        raise ConfigError(
            f"penalty.fn: expected a function of {', '.join(KEYWORDS)}, such as @no_penalty, got @{name} ({error})"
        ) from error


def squared_slopes(discriminate, points):
    """[N]: squared norm of the gradient of each example's logit with respect to its image."""
    with tf.GradientTape() as tape:
        tape.watch(points)
        logits = discriminate(points)
    return tf.reduce_sum(tf.square(tape.gradient(logits, points)), axis=[1, 2, 3])


def _on_fakes(discriminate):
    return lambda images: discriminate(images, fake=True)


def _gradient_penalty(discriminate, points, epsilon):
    """Mean squared distance of the gradient norm from 1."""
    slopes = tf.sqrt(epsilon + squared_slopes(discriminate, points))
    return tf.reduce_mean(tf.square(slopes - 1.0))
