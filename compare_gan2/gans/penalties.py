"""Penalties on the discriminator, added to its loss with weight `options.lamba`.

Each is called with keywords: `discriminate(images) -> logits`, real `images`, `fake_images`, the discriminator's
`kernels`, and `uniform(shape, purpose)`, which draws from [0, 1) by (seed, step, purpose, index in the global batch).
Each returns a scalar and ignores the keywords that it does not need.

Example:
    >>> inputs = {"images": images, "fake_images": generator(latents), "uniform": StepRandom(0, step).uniform}
    >>> wgangp_penalty(discriminate=lambda images: discriminator(images).logits, **inputs)
"""

import dataclasses
import inspect
from collections.abc import Callable

import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.ground.errors import ConfigError

PENALTY_LIB = "compare_gan.gans.penalty_lib"
KEYWORDS = ["discriminate", "images", "fake_images", "kernels", "uniform"]


@configurable("no_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def no_penalty(**_):
    """The constant 0."""
    return tf.constant(0.0)


@configurable("wgangp_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def wgangp_penalty(*, discriminate, images, fake_images, uniform, **_):
    """Mean squared distance of the gradient norm from 1 between real and fake images (Gulrajani et al. 2017)."""
    alpha = uniform([images.shape[0], 1, 1, 1], "penalty")
    return _gradient_penalty(discriminate, images + alpha * (fake_images - images))


@configurable("dragan_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def dragan_penalty(*, discriminate, images, uniform, **_):
    """Mean squared distance of the gradient norm from 1 around real images (Kodali et al. 2017).

    It is taken at images plus uniform noise of at most half the standard deviation of all values, clipped to [0, 1].
    """
    deviation = tf.sqrt(tf.math.reduce_variance(images))
    noise = uniform(images.shape, "penalty") - 0.5
    return _gradient_penalty(discriminate, tf.clip_by_value(images + deviation * noise, 0.0, 1.0))


@configurable("l2_penalty", module=PENALTY_LIB, denylist=KEYWORDS)
def l2_penalty(*, kernels, **_):
    """Mean over the discriminator's kernels (heads included, before spectral norm) of half the sum of squares."""
    return tf.reduce_mean(tf.stack([tf.nn.l2_loss(kernel) for kernel in kernels]))


@configurable("penalty", module=PENALTY_LIB)
@dataclasses.dataclass(frozen=True)
class Penalty:
    """The choice of penalty.

    Attributes:
        fn: `@no_penalty`, `@wgangp_penalty`, `@dragan_penalty` or `@l2_penalty`.
    """

    fn: Callable = no_penalty


def require_penalty(fn):
    """Raises a `ConfigError` unless a function takes the keywords that penalties are called with."""
    try:
        inspect.signature(fn).bind(**dict.fromkeys(KEYWORDS))
    except TypeError as error:
        name = getattr(fn, "__name__", fn)
        raise ConfigError(
            f"penalty.fn: expected a function of {', '.join(KEYWORDS)}, such as @no_penalty, got @{name} ({error})"
        ) from error


def _gradient_penalty(discriminate, points):
    with tf.GradientTape() as tape:
        tape.watch(points)
        logits = discriminate(points)
    gradients = tape.gradient(logits, points)
    slopes = tf.sqrt(1e-4 + tf.reduce_sum(tf.square(gradients), axis=[1, 2, 3]))
    return tf.reduce_mean(tf.square(slopes - 1.0))
