"""Latents and labels for sampling on request: the draws of an image follow from (seed, index of the image)."""

import math

import numpy as np
import tensorflow as tf

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.seeds import ALGORITHM, fold

TRUNCATIONS = ("resample", "clip", "w")
_AT_ONCE = 2**15  # rows drawn by one call of a graph, about a second


def draw_latents(latents, count, z_dim, seed, truncation=None, truncation_by="resample", indices=None):
    """float32 [count, z_dim]; row i is the same whatever the count.

    Args:
        latents: `Latents` of scoring.
        count: number of rows.
        z_dim: size of the latents.
        seed, indices: see `rows_of`.
        truncation: None draws as scores do. A number t > 0 keeps all values within t standard deviations.
        truncation_by: how. "resample" draws from the normal distribution cut at t, as redrawing the values beyond it
            does (Brock et al. 2019, section 3.1); a smaller t moves each row towards 0. "clip" sets the values beyond t
            of the rows drawn without truncation to t. "w" leaves them as they are, see `truncation_in_w`.

    Raises:
        ConfigError: for a seed or an index that is not such a number, a truncation that is not above 0, or one of
            latents that are not normal.
    """
    check_truncation(latents, truncation, truncation_by)
    return draw_rows(latents, rows_of(count, seed, indices), z_dim, truncation, truncation_by)


def draw_rows(latents, rows, z_dim, truncation=None, truncation_by="resample"):
    """float32 [N, z_dim] for the rows [N, 2] of `rows_of`; other arguments as of `draw_latents`."""
    return row_function(latents, z_dim, truncation, truncation_by)(rows)


def row_function(latents, z_dim, truncation=None, truncation_by="resample"):
    """Function of rows that gives what `draw_rows` does; its graph is traced once."""
    if truncation is None or truncation_by == "w":
        return _computing(lambda rows: latent_rows(latents, rows, z_dim))
    if truncation_by == "clip":
        bound, drawn = np.float32(truncation * latents.stddev), row_function(latents, z_dim)
        return lambda rows: np.clip(drawn(rows), -bound, bound)
    beyond = 0.5 * math.erfc(truncation / math.sqrt(2.0))
    return _computing(lambda rows: truncated_rows(latents, rows, z_dim, beyond))


def latent_rows(latents, rows, z_dim):
    """Tensor float32 [N, z_dim] of latents without truncation; `rows` int64 [N, 2] as of `rows_of`, or a tensor."""
    return _each(rows, lambda seed, index: latents([1, z_dim], fold(seed, "samples", index))[0], tf.float32)


def truncated_rows(latents, rows, z_dim, beyond):
    """Tensor float32 [N, z_dim] of normal latents that are cut; as `latent_rows`.

    Args:
        beyond: probability of a value above the truncation, float64.
    """

    def uniform(seed, index):
        return tf.random.stateless_uniform([z_dim], fold(seed, "samples", index), dtype=tf.float64, alg=ALGORITHM)

    # By the inverse of the distribution function, restricted to [-t, t]; equal to redrawing what is beyond.
    inside = beyond + (1.0 - 2.0 * beyond) * _each(rows, uniform, tf.float64)
    return tf.cast(tf.math.ndtri(inside) * latents.stddev, tf.float32)


def check_truncation(latents, truncation, truncation_by="resample"):
    """Raises a `ConfigError` for a truncation that `draw_latents` does not take."""
    if truncation_by not in TRUNCATIONS:
        raise ConfigError(f"truncation_by: expected one of {', '.join(TRUNCATIONS)}, got {truncation_by!r}")
    if truncation is None:
        return
    if not isinstance(truncation, (int, float, np.number)) or not truncation > 0:
        raise ConfigError(f"truncation: expected a number above 0, got {truncation!r}")
    if truncation_by != "w" and not latents.is_normal:
        raise ConfigError(f"truncation: expected normal latents of mean 0, the model has {latents.description}")


def draw_labels(count, seed, num_classes, distribution=None, indices=None):
    """int32 [count], drawn as for scores; row i is the same whatever the count.

    Args:
        count: number of labels.
        seed, indices: see `rows_of`.
        num_classes: of the model.
        distribution: probability of each class; None: uniform.
    """

    def uniform(seed, index):
        seed_of_row = fold(seed, "labels of samples", index)
        return tf.random.stateless_uniform([], seed_of_row, dtype=tf.float64, alg=ALGORITHM)

    ends = np.cumsum(np.full([num_classes], 1.0) if distribution is None else np.asarray(distribution, np.float64))
    drawn = _computing(lambda rows: _each(rows, uniform, tf.float64))(rows_of(count, seed, indices))
    return np.searchsorted(ends, drawn * ends[-1], side="right").astype(np.int32)


def uniform_function(purpose):
    """Function of rows: float64 [N] from [0, 1), one for each row, for a purpose."""

    def uniform(seed, index):
        return tf.random.stateless_uniform([], fold(seed, purpose, index), dtype=tf.float64, alg=ALGORITHM)

    return _computing(lambda rows: _each(rows, uniform, tf.float64))


def normal_steps_function(steps, z_dim):
    """Function of rows: float32 [N, steps, z_dim] of normal noise for the steps of a walk that each row begins."""

    def normal(seed, index):
        return tf.random.stateless_normal([steps, z_dim], fold(seed, "langevin", index), alg=ALGORITHM)

    return _computing(lambda rows: _each(rows, normal, tf.float32))


def rows_of(count, seed, indices=None):
    """int64 [count, 2]: seed and index of each image, which its draws follow from.

    Args:
        count: number of images.
        seed: whole number in [-2**63, 2**63), whose images are counted; or a list of `count` of these, the first image
            of each.
        indices: list of `count` whole numbers from 0, which images of a single seed they are; None: the first ones.

    Raises:
        ConfigError: for other numbers, or another number of them.
    """
    seeds = list(seed) if isinstance(seed, (list, tuple, range, np.ndarray)) else None
    for number in [seed] if seeds is None else seeds:
        check_whole("seed", number)
        if not -(2**63) <= number < 2**63:  # TensorFlow takes 2**63 without a word, as another number
            raise ConfigError(f"seed: expected at least -2**63 and less than 2**63, got {number}")
    if seeds is not None and indices is not None:
        raise ConfigError("indices: expected a single seed, whose images they count, got a list of seeds")
    for name, given in (("seed", seeds), ("indices", indices)):
        if given is not None and len(given) != count:
            raise ConfigError(f"{name}: expected {count} of them, one for each image, got {len(given)}")
    for index in () if indices is None else indices:
        check_whole("indices", index, 0)
    rows = np.zeros([count, 2], np.int64)
    rows[:, 0] = seed if seeds is None else seeds
    if seeds is None:
        rows[:, 1] = np.arange(count) if indices is None else indices
    return rows


def counted_rows(count, seed):
    """`rows_of` as a tensor, of a count and a seed (int64) that may be tensors."""
    indices = tf.range(tf.cast(count, tf.int64))
    return tf.stack([tf.fill(tf.shape(indices), tf.cast(seed, tf.int64)), indices], axis=1)


def check_whole(name, value, least=None):
    """Raises `ConfigError` unless an argument is a whole number, of at least `least` if that is given."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or (least is not None and value < least):
        at_least = "" if least is None else f" of at least {least}"
        raise ConfigError(f"{name}: expected a whole number{at_least}, got {value!r}")


def _each(rows, draw, dtype):
    """Tensor of `draw(seed, index)` for each row."""
    return tf.map_fn(lambda row: draw(row[0], row[1]), rows, fn_output_signature=dtype)


def _computing(function):
    """The function of rows, as one that gives an array, in a graph: one by one each row takes milliseconds.

    It runs on a part of the rows at a time, since a signal waits for the end of a graph.
    """
    graph = tf.function(function, input_signature=[tf.TensorSpec([None, 2], tf.int64)])

    def computed(rows):
        parts = [graph(tf.constant(rows[start : start + _AT_ONCE])) for start in range(0, max(len(rows), 1), _AT_ONCE)]
        return np.concatenate([part.numpy() for part in parts])

    return computed
