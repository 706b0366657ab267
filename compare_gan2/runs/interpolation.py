"""Ways between two latents and between two classes."""

import numpy as np

from compare_gan2.ground.errors import ConfigError


def way(steps):
    """float32 [steps, 1]: equal steps from 0 to 1."""
    return np.linspace(0.0, 1.0, steps, dtype=np.float32)[:, None]


def latents_between(first, last, steps, latents):
    """float32 [steps, z_dim] between two latents [1, z_dim], on a way that stays where the generator was trained.

    Args:
        first, last: ends.
        steps: number of latents, both ends included.
        latents: `Latents` that they are draws of. Uniform ones move on the line, which stays in their interval, others
            on the arc on which normal ones keep their variance.
    """
    if latents.family == "uniform":
        return ((1.0 - way(steps)) * first + way(steps) * last).astype(np.float32)
    angle = way(steps) * np.pi / 2
    return (np.cos(angle) * first + np.sin(angle) * last).astype(np.float32)


def labels_between(first, last, steps):
    """float32 [steps, num_classes] from one label vector [1, num_classes] to another, linearly; None for None."""
    return None if first is None else (1.0 - way(steps)) * first + way(steps) * last


def pair_of(labels):
    """(first, last) of one class or a pair of classes; raises a `ConfigError` for another number of them."""
    pair = labels if isinstance(labels, (tuple, list)) else (labels, labels)
    if len(pair) != 2:
        raise ConfigError(f"labels: expected one class or a pair of classes, got {labels!r}")
    return pair
