"""Cases recorded from reference implementations of published methods: the files of tests/goldens/field."""

import functools
import json

import numpy as np

from compare_gan2.original.field_conformance import hyper_of
from support.goldens import GOLDENS

FIELD = GOLDENS / "field"


@functools.cache
def field_case(name):
    """(hyper-parameters, {array: value}) of a case."""
    with np.load(FIELD / f"{name}.npz") as stored:
        return hyper_of(name, json.loads((FIELD / "manifest.json").read_text())[name]), dict(stored)


def assert_equals(actual, expected, tolerance, name=""):
    """Fails unless shapes are equal and the largest difference, relative to the largest value, is within tolerance."""
    assert np.shape(actual) == np.shape(expected), name
    error, scale = np.max(np.abs(np.asarray(actual, np.float64) - expected)), np.max(np.abs(expected))
    assert error <= tolerance * scale + 1e-7, f"{name}: {error:.2e}, relative {error / scale:.2e}"
