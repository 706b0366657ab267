"""Perceptual path length, https://arxiv.org/abs/1812.04948 (Karras et al. 2019, section 4.1), in z.

The distance of two images is the squared Euclidean one of their features by a feature network. The paper has VGG16 with
the weights of LPIPS in its place, so values are not those of the paper; they compare generators by one network.
"""

import dataclasses
import zlib

import numpy as np

from compare_gan2.ground.progress_callback import tracked
from compare_gan2.ground.random_streams import random_state
from compare_gan2.metrics.input_checks import check_finite

TRIMMED = 0.01  # share of the paths at either end that the mean leaves out, as in the authors' code


@dataclasses.dataclass(frozen=True, eq=False)
class PathLength:
    """Perceptual path length; lower is smoother.

    Attributes:
        mean: of the distances that are kept.
        kept: float64 [n] the distances that are, sorted.
    """

    mean: float
    kept: np.ndarray


def perceptual_path_length(distances, *, trimmed=TRIMMED):
    """`PathLength` of distances along paths, without those below and above percentiles.

    Args:
        distances: [num_paths], perceptual distance of two near points of each path over the square of their distance.
        trimmed: share left out at either end; distances at the percentiles themselves are kept.

    Raises:
        ValueError: for NaN, infinity, a negative distance, or no distances.
    """
    distances = np.asarray(distances, np.float64)
    if distances.ndim != 1 or not distances.size:
        raise ValueError(f"ppl: expected distances [num_paths], got shape {distances.shape}")
    bad = np.flatnonzero(~(np.isfinite(distances) & (distances >= 0)))
    if bad.size:
        raise ValueError(
            f"ppl: {bad.size} of {len(distances)} distances are below 0, NaN or infinity, the first is that of path"
            f" {bad[0]}"
        )
    distances = np.sort(distances)
    low = np.percentile(distances, 100 * trimmed, method="lower")
    high = np.percentile(distances, 100 * (1 - trimmed), method="higher")
    kept = distances[(distances >= low) & (distances <= high)]
    return PathLength(float(kept.mean()), kept)


def path_distances(generator, network, *, num_paths, epsilon, seed, progress=None):
    """float64 [num_paths]: squared distance of features at t and t + epsilon of each path, over epsilon squared.

    A path is between two drawn latents, with one label; t is uniform in [0, 1]. Normal latents are interpolated on the
    sphere, others linearly, so that they stay in their interval.

    Args:
        generator: `GeneratorAccess`.
        network: `FeatureNetwork`; None if images are resized before they are scored.
        num_paths: number of paths.
        epsilon: length of the part that is measured.
        seed: of t; whole number in [0, 2**32).
        progress: function (done, total) called after each batch.

    Raises:
        ValueError: without a network, or for features that are not finite.
    """
    if network is None:
        raise ValueError("ppl: --size resizes images, and paths of the generator have none of that size; leave it out")
    batch = len(generator.latents)
    number_of_batches = -(-num_paths // batch)
    positions = random_state(seed, zlib.crc32(b"ppl: positions")).uniform(size=[number_of_batches, batch, 1])
    interpolate = _spherical if _is_normal(generator.distribution) else _linear
    found = []
    for number in tracked(range(number_of_batches), progress):
        first, labels = generator.draw("ppl: first latents", number)
        last, _ = generator.draw("ppl: last latents", number)
        first, last, labels = (np.asarray(values) for values in (first, last, labels))
        near, far = (interpolate(first, last, positions[number] + step) for step in (0.0, epsilon))
        features = []
        for half in (slice(0, batch // 2), slice(batch // 2, batch)):  # both ends in one call: equal rounding
            latents = np.concatenate([near[half], far[half]]).astype(np.float32)
            images = generator.images(latents, np.concatenate([labels[half]] * 2))
            network.check_image_shape(images.shape[1:])
            features.append(np.asarray(network.evaluate(images)[0], np.float64))
            check_finite(features[-1], "features", what="ppl")
        pairs = [np.split(both, 2) for both in features]
        found += [((far - near) ** 2).sum(axis=1) / epsilon**2 for near, far in pairs]
    return np.concatenate(found)[:num_paths]


def _is_normal(distribution):
    from compare_gan2.datasets.truncated_latents import TruncatedLatents  # here: imports TensorFlow

    return isinstance(distribution, TruncatedLatents) or distribution.family in ("normal", "truncated_normal")


def _linear(first, last, positions):
    return first + (last.astype(np.float64) - first) * positions


def _spherical(first, last, positions):
    """Spherical interpolation (Shoemake 1985) of rows; float64, linear where both point the same way."""
    first, last = first.astype(np.float64), last.astype(np.float64)
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(last, axis=1)
    angle = np.arccos(np.clip((first * last).sum(axis=1) / np.maximum(norms, 1e-300), -1.0, 1.0))[:, None]
    sine = np.sin(angle)
    flat = sine < 1e-6
    angle, sine = np.where(flat, 1.0, angle), np.where(flat, 1.0, sine)
    on_sphere = (np.sin((1 - positions) * angle) * first + np.sin(positions * angle) * last) / sine
    return np.where(flat, _linear(first, last, positions), on_sphere)
