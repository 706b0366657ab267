"""Latents that a user hands to a model, checked."""

import numpy as np

from compare_gan2.ground.errors import ConfigError


def given_latents(latents, z_dim):
    """float32 [N, z_dim] of latents that a user made; raises a `ConfigError` for what cannot be such an array."""
    try:
        latents = np.asarray(latents, np.float32)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"latents: expected numbers [N, {z_dim}], {error}") from error
    if latents.ndim != 2 or latents.shape[1] != z_dim or not len(latents):
        raise ConfigError(f"latents: expected [N, {z_dim}], got {latents.shape}")
    if not np.isfinite(latents).all():
        raise ConfigError("latents: expected finite numbers, got NaN or infinity")
    return latents
