"""Which images of a dataset without splits are held out for scores: always the same ones."""

import numpy as np

from compare_gan2.ground.errors import ConfigError
from compare_gan2.ground.random_streams import random_state

SEED = 0  # Never changes, so that scores of one dataset stay comparable.


def held_out(labels, fraction, option):
    """Boolean mask [n] of the test images: the same share of each class, rounded, but never all of a class.

    Args:
        labels: whole numbers [n] in a fixed order of the images; the unlabelled, -1, count as a class of their own.
        fraction: share in (0, 1).
        option: name of the option, for messages.

    Raises:
        ConfigError: if no image would be held out.
    """
    mask = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(int(np.floor(fraction * len(members) + 0.5)), len(members) - 1)
        mask[random_state(SEED, label + 1).permutation(members)[:count]] = True
    if not np.any(mask):
        raise ConfigError(
            f"{option}: {fraction} of {len(labels)} images in {len(np.unique(labels))} classes leaves none for scores"
        )
    return mask
