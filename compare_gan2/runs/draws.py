"""Latents and labels for sampling on request: the draws of an image follow from (seed, index of the image)."""

import math

import numpy as np
import tensorflow as tf

from compare_gan2.config.declare import selector
from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import ALGORITHM, fold


def draw_latents(latents, count, z_dim, seed, truncation=None):
    """float32 [count, z_dim]; row i is the same whatever the count.

    Args:
        latents: `Latents` of scoring.
        count: number of rows.
        z_dim: size of the latents.
        seed: whole number in [-2**63, 2**63).
        truncation: None draws as scores do. A number t > 0 draws from the normal distribution cut at t standard
            deviations, as redrawing the values beyond it does (Brock et al. 2019, section 3.1).

    Raises:
        ConfigError: for a seed that is not such a number, a truncation that is not above 0, or one of latents that are
            not normal.
    """
    check_whole("seed", seed)
    if not -(2**63) <= seed < 2**63:  # TensorFlow takes 2**63 without a word, as another number
        raise ConfigError(f"seed: expected at least -2**63 and less than 2**63, got {seed}")
    if truncation is not None and (not isinstance(truncation, (int, float, np.number)) or not truncation > 0):
        raise ConfigError(f"truncation: expected a number above 0, got {truncation!r}")
    if truncation is None:
        return _computed(lambda: latent_rows(latents, count, z_dim, seed))
    if not can_truncate(latents):
        raise ConfigError(f"truncation: expected normal latents, the model has {latents.description}")
    beyond = 0.5 * math.erfc(truncation / math.sqrt(2.0))
    return _computed(lambda: truncated_rows(latents, count, z_dim, seed, beyond))


def can_truncate(latents):
    """Whether `Latents` are normal, so that they can be cut."""
    return selector(getattr(latents.distribution_fn, "func", latents.distribution_fn)) == "normal"


def latent_rows(latents, count, z_dim, seed):
    """Tensor of `draw_latents` without truncation; count and seed (int64) may be tensors."""
    return _rows(count, lambda index: latents([1, z_dim], fold(seed, "samples", index))[0], tf.float32)


def truncated_rows(latents, count, z_dim, seed, beyond):
    """Tensor of `draw_latents` with truncation; as `latent_rows`.

    Args:
        beyond: probability of a value above the truncation, float64.
    """

    def uniform(index):
        return tf.random.stateless_uniform([z_dim], fold(seed, "samples", index), dtype=tf.float64, alg=ALGORITHM)

    # By the inverse of the distribution function, restricted to [-t, t]; equal to redrawing what is beyond.
    inside = beyond + (1.0 - 2.0 * beyond) * _rows(count, uniform, tf.float64)
    return tf.cast(tf.math.ndtri(inside) * latents.stddev, tf.float32)


def check_whole(name, value, least=None):
    """Raises `ConfigError` unless an argument is a whole number, of at least `least` if that is given."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or (least is not None and value < least):
        at_least = "" if least is None else f" of at least {least}"
        raise ConfigError(f"{name}: expected a whole number{at_least}, got {value!r}")


def draw_labels(count, seed, num_classes, distribution=None):
    """int32 [count], drawn as for scores; row i is the same whatever the count.

    Args:
        count: number of labels.
        seed: whole number.
        num_classes: of the model.
        distribution: probability of each class; None: uniform.
    """

    def uniform(index):
        seed_of_row = fold(seed, "labels of samples", index)
        return tf.random.stateless_uniform([], seed_of_row, dtype=tf.float64, alg=ALGORITHM)

    ends = np.cumsum(np.full([num_classes], 1.0) if distribution is None else np.asarray(distribution, np.float64))
    drawn = _computed(lambda: _rows(count, uniform, tf.float64))
    return np.searchsorted(ends, drawn * ends[-1], side="right").astype(np.int32)


def _rows(count, draw, dtype):
    """Tensor of `draw(index)` for each index below `count`."""
    return tf.map_fn(draw, tf.range(tf.cast(count, tf.int64)), fn_output_signature=dtype)


def _computed(rows):
    """Array of what a function returns, in one graph: one by one each row takes milliseconds."""
    return tf.function(rows)().numpy()
