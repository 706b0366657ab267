"""Whether our methods compute what published implementations computed: recorded inputs and outputs of single functions.

A manifest of such cases has `upstream`, `hyper`, `inputs`, `outputs` and `tolerance` for each, and no `kind`.
"""

import numpy as np
import tensorflow as tf

from compare_gan2.original.field_cases import function_of

TOLERANCE = 1e-5
SLACK = 1e-7  # in absolute terms, beside the tolerance


def is_field_case(case):
    """Whether an entry of a manifest is of this format."""
    return "kind" not in case and "outputs" in case


def is_implemented(name):
    """Whether there is a function for a case."""
    return function_of(name) is not None


def errors_of(directory, name, case, jit_compile=False):
    """Rows (quantity, error, tolerance) of a case, run eagerly and in a graph.

    Args:
        directory: folder of the cases.
        name: of the case, for which there is a function.
        case: its entry in `manifest.json`.
        jit_compile: whether XLA compiles the graph.

    Raises:
        ValueError: if an output is missing here, or has another shape.
    """
    with np.load(directory / f"{name}.npz") as file:
        arrays = dict(file)
    function, hyper = function_of(name), hyper_of(name, case)
    inputs = {key: tf.constant(arrays[key]) for key in case["inputs"]}
    compiled = tf.function(lambda inputs: function(inputs, hyper), jit_compile=jit_compile, autograph=False)
    rows, tolerance = [], case.get("tolerance", TOLERANCE)
    for where, found in (("eager", function(inputs, hyper)), ("graph", compiled(inputs))):
        if missing := sorted(set(case["outputs"]) - set(found)):
            raise ValueError(f"{name}: recorded outputs that nothing here computes: {', '.join(missing)}")
        rows += [
            (f"{key}, {where}", error_of(found[key], arrays[key], name=key, tolerance=tolerance), tolerance)
            for key in case["outputs"]
        ]
    return rows


def hyper_of(name, case):
    """Hyper-parameters of a case; with what its weights follow from if it is one of networks."""
    of_networks = {key: case[key] for key in ("parameters", "d_parameters", "g_parameters") if key in case}
    return case.get("hyper", {}) | ({"case": name, **of_networks} if of_networks else {})


def error_of(value, reference, *, name, tolerance):
    """Largest difference, relative to the reference's largest magnitude; infinite for other whole numbers or NaN."""
    value, reference = np.asarray(value), np.asarray(reference)
    if value.size != reference.size:
        raise ValueError(f"{name}: recorded with shape {reference.shape}, here {value.shape}")
    value = value.reshape(reference.shape)
    if np.issubdtype(reference.dtype, np.integer):
        return 0.0 if np.array_equal(value, reference) else np.inf
    difference, scale = np.max(np.abs(value - reference), initial=0), np.max(np.abs(reference), initial=0)
    if np.isnan(difference):
        return np.inf
    error = difference / max(scale, 1e-30)
    return min(error, tolerance) if difference <= tolerance * scale + SLACK else error
