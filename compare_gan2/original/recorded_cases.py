"""Cases recorded from the original: what a folder of them holds, and the values that follow from names alone.

Values of variables and inputs are not stored but derived from their names, see tests/goldens/README.md.
"""

import json
import zlib

import numpy as np

from compare_gan2.ground.errors import DataError
from compare_gan2.ground.suggestions import did_you_mean


def read_cases(directory, only=None):
    """{name: case} of a folder of cases, or the one case of a name.

    Args:
        directory: folder with `manifest.json`.
        only: name of the only case wanted; None for all.

    Raises:
        DataError: if the folder holds no readable manifest, or not this case.
    """
    path = directory / "manifest.json"
    try:
        cases = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DataError(f"DIR: expected a folder with cases, {path} cannot be read: {error}") from error
    if only is None:
        return cases
    if only not in cases:
        raise DataError(
            f"--case: no case {only!r} in {directory}; it has {', '.join(cases)}{did_you_mean(only, cases)}"
        )
    return {only: cases[only]}


def recorded_inputs(case, step, batch, gan, num_classes, labelled_every=1):
    """{name in the input pipeline: array} of a recorded step.

    Args:
        case: name that the inputs were recorded under.
        step: number of the step, from 0.
        batch: examples, over all sub-batches.
        gan: `ModularGAN`, for the shapes of images and latents.
        num_classes: of the labels.
        labelled_every: one in this many images has its label, the others have -1.
    """
    random = generator_for(f"inputs/{case}/{step}")
    images = random.random_sample((batch, *gan.image_shape)).astype(np.float32)
    latents = random.standard_normal((batch, gan.z_dim)).astype(np.float32)
    labels = random.randint(0, num_classes, batch).astype(np.int32)
    sampled_labels = random.randint(0, num_classes, batch).astype(np.int32)
    labels[np.arange(batch) % labelled_every != 0] = -1
    return {"images": images, "latents": latents, "labels": labels, "sampled_labels": sampled_labels}


def assign_recipe(variables, recorded):
    """Gives every recorded variable its derived value.

    Raises:
        ValueError: if a recorded variable does not exist here or has another shape, or the other way round.
    """
    # The switch of the accumulators is an argument here, not a variable.
    recorded = {name: facts for name, facts in recorded.items() if not name.endswith("update_accus")}
    for name, facts in recorded.items():
        if name not in variables or tuple(variables[name].shape) != tuple(facts["shape"]):
            here = tuple(variables[name].shape) if name in variables else "none"
            raise ValueError(f"variable {name}: recorded with shape {tuple(facts['shape'])}, here {here}")
        variables[name].assign(derived_value(name, facts["shape"]))
    networks = {name for name in variables if name.startswith(("generator", "discriminator"))}
    if networks - set(recorded):
        raise ValueError(f"variables that the original does not have: {sorted(networks - set(recorded))}")


def derived_value(name, shape):
    """Value of a variable from its name in the original's checkpoints and its shape."""
    name = name.replace("/ExponentialMovingAverage", "")
    random, last = generator_for(name), name.split("/")[-1]
    if last == "accu_counter":
        return np.ones(shape, np.float32)
    if last == "sigma":
        return np.full(shape, 0.5, np.float32)
    values = random.standard_normal(tuple(shape))
    if last == "gamma":
        values = 1.0 + 0.1 * values
    elif last in ("beta", "bias", "moving_mean", "accu_mean"):
        values = 0.1 * values
    elif last in ("moving_variance", "accu_variance"):
        values = 1.0 + 0.1 * np.abs(values)
    elif last == "kernel":
        transposed = len(shape) == 4 and "_dc" in name  # stored as [height, width, out, in]
        fan_in = shape[0] * shape[1] * shape[3] / 4.0 if transposed else np.prod(shape[:-1])
        values = values * np.sqrt(1.0 / max(fan_in, 1.0))
    elif last != "u_var":
        raise ValueError(f"variable {name}: the recipe has no rule for {last!r}")
    return np.asarray(values, np.float32)


def generator_for(text):
    """NumPy RandomState seeded by a text."""
    return np.random.RandomState(zlib.crc32(text.encode("utf-8")) & 0x7FFFFFFF)
