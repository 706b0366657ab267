"""What the packages brisque and pybrisque compute for seven pictures, from `tests/goldens/brisque.npz`."""

import functools
import pathlib

import numpy as np

PHOTOGRAPHS = ("chelsea", "coffee", "astronaut", "astronaut_64", "astronaut_64_noise")
DRAWINGS = ("drawing", "slope")
PICTURES = PHOTOGRAPHS + DRAWINGS


@functools.cache
def _arrays():
    with np.load(pathlib.Path(__file__).parent.parent / "goldens" / "brisque.npz") as stored:
        return dict(stored)


def of_golden(picture, what):
    """`image` (uint8 [H, W, 3]), or `PACKAGE/features` or `PACKAGE/score` of a picture."""
    return _arrays()[f"{picture}/{what}"]
