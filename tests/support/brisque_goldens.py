"""What the packages brisque and pybrisque compute for seven pictures, from `tests/goldens/brisque.npz`."""

import functools

import numpy as np

from support.goldens import GOLDENS

PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "astronaut_64", "astronaut_64_noise")
DRAWINGS = ("drawing", "slope")
PICTURES = PHOTOGRAPHS + DRAWINGS


@functools.cache
def _arrays():
    with np.load(GOLDENS / "brisque.npz") as stored:
        return dict(stored)


def of_golden(picture, what):
    """`image` (uint8 [H, W, 3]), or `PACKAGE/features` or `PACKAGE/score` of a picture."""
    return _arrays()[f"{picture}/{what}"]
