"""Scores of a model whose latents are truncated."""

import contextlib

import numpy as np

from compare_gan2.datasets.truncated_latents import TruncatedLatents
from compare_gan2.ground.errors import ConfigError


def checked_bounds(truncation, sampler):
    """List of bounds as `evaluate` takes them, None for latents as in training.

    Raises:
        ConfigError: for a bound that is not above 0, bounds that are repeated or missing, or images that are not
            generated here.
    """
    bounds = list(truncation) if isinstance(truncation, (list, tuple)) else [truncation]
    if bounds == [None]:
        return bounds
    if sampler is None:
        raise ConfigError("--truncation: images that exist cannot be truncated; expected --model_dir, a run to sample")
    if not bounds or len(set(bounds)) < len(bounds):
        raise ConfigError(f"--truncation: expected different numbers above 0, got {bounds}")
    for bound in bounds:
        if bound is not None and not _truncates_w(sampler):
            TruncatedLatents(sampler.latents, bound)
        elif bound is not None and not (isinstance(bound, (int, float, np.number)) and bound > 0):
            raise ConfigError(f"--truncation: expected numbers above 0, got {bound!r}")
    return bounds


@contextlib.contextmanager
def truncated(sampler, bound):
    """Context manager: the sampler draws its latents within `bound` deviations; with None, as before.

    A generator that truncates in w does that instead, by `bound`.
    """
    if bound is None:
        yield
        return
    before = sampler.latents, sampler.truncation, getattr(sampler, "psi", None)
    if _truncates_w(sampler):
        sampler.psi, sampler.truncation = bound, f"{sampler.latents.description}, w truncated by {bound:g}"
    else:
        sampler.latents = TruncatedLatents(sampler.latents, bound)
        sampler.truncation = sampler.latents.description
    try:
        yield
    finally:
        sampler.latents, sampler.truncation, sampler.psi = before


def _truncates_w(sampler):
    return getattr(getattr(sampler, "generator", None), "truncates_w", False)
