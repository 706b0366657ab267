"""Published methods, against what their reference implementations computed."""

import json

import numpy as np
import pytest
import tensorflow as tf
from support.field_goldens import FIELD, assert_equals, field_case

from compare_gan2.original.field_cases import CASES, function_of

MANIFEST = json.loads((FIELD / "manifest.json").read_text())
LONG_TO_COMPILE = {"stylegan2_cond32"}  # 50 s; networks are compiled by XLA in the cases of R3GAN
WAYS = [(name, way) for name in MANIFEST for way in ("eager", "graph", "xla")]


@pytest.mark.parametrize("name, way", [pair for pair in WAYS if pair[1] != "xla" or pair[0] not in LONG_TO_COMPILE])
def test_recorded_outputs(name, way, unoptimized):
    hyper, arrays = field_case(name)
    compute = lambda inputs: function_of(name)(inputs, hyper)  # noqa: E731
    if way != "eager":
        compute = tf.function(compute, jit_compile=way == "xla", autograph=False)
    outputs = compute({key: tf.constant(arrays[key]) for key in MANIFEST[name]["inputs"]})
    assert MANIFEST[name]["outputs"]
    for key in MANIFEST[name]["outputs"]:
        assert_equals(outputs[key], arrays[key], MANIFEST[name]["tolerance"], key)


def test_cases_of_longer_names_are_of_the_same_kind():
    assert function_of("ada_p_long") is CASES["ada_p"] and function_of("unknown") is None


def test_a_difference_is_found():
    with pytest.raises(AssertionError, match="x: 1.00e-01, relative 1.00e-01"):
        assert_equals(np.array([1.1, 0.0]), np.array([1.0, 0.0]), 1e-5, "x")
