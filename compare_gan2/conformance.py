"""Checks that this machine computes what compare_gan computed: `python -m compare_gan2.conformance DIR`.

DIR holds `manifest.json` (cases by name) and an `.npz` file per case, recorded from the original. Values of variables
and inputs are not stored but derived from their names. One line per case gives the quantity that came nearest to its
tolerance, its relative error, the tolerance and the verdict. --case runs one case; with --jit_compile networks and
updates are compiled by XLA. Exit code 0 if all passed, 1 if not, 2 for a bad DIR.
"""

import argparse
import functools
import json
import pathlib
import sys
import zlib

import numpy as np
import tensorflow as tf

from compare_gan2 import allocator, architectures, configuration, gin_names, original_checkpoint
from compare_gan2.metrics import recorded
from compare_gan2.options import Options
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import TrainStep

FORWARD_TOLERANCE = 1e-4
LOSS_TOLERANCE = 1e-3
CHANGE_TOLERANCE = 2e-3
VALUE_TOLERANCE = 1e-3
METRIC_TOLERANCE = 1e-5
MS_SSIM_TOLERANCE = 1e-4

# Where our default leaves the original's behaviour, its own is what is compared.
ORIGINAL_BEHAVIOUR = ["SSGAN.rotated_fakes_take_real_labels = True"]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m compare_gan2.conformance", description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=pathlib.Path, help="folder with manifest.json and the recorded arrays")
    parser.add_argument("--case", help="run only this case")
    parser.add_argument("--jit_compile", action="store_true", help="compile networks and updates with XLA")
    options = parser.parse_args(arguments)
    try:
        cases = read_manifest(options.directory, options.case)
    except (OSError, ValueError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    passed = 0
    for name, case in cases.items():
        try:
            passes, text = check(options.directory, name, case, options.jit_compile)
        # Other variables, options that do not exist, no such array, an operation that XLA does not have.
        except (ValueError, KeyError, OSError, tf.errors.OpError) as error:
            passes, text = False, f"FAIL ({str(error).splitlines()[0]})"
        passed += passes
        print(f"{name:34s} {case['kind']:10s} {text}", flush=True)
    print(f"{passed} passed, {len(cases) - passed} failed")
    return 0 if passed == len(cases) else 1


def read_manifest(directory, only=None):
    """{name: case} of a folder of cases; raises a `ValueError` for an unknown case name."""
    cases = json.loads((directory / "manifest.json").read_text())
    if only is None:
        return cases
    if only not in cases:
        raise ValueError(f"--case: no case {only!r} in {directory}; it has {', '.join(cases)}")
    return {only: cases[only]}


def check(directory, name, case, jit_compile=False):
    """(passed, text) for one case."""
    if case["kind"] == "metrics":
        return verdict(run_metrics(directory, name))
    if case["kind"] not in RUNNERS:
        return False, "not yet (kind)"
    configuration.parse([], ORIGINAL_BEHAVIOUR + case["bindings"])
    options = configuration.build(Options)
    if options.architecture not in architectures.ARCHITECTURES:
        return False, f"not yet ({options.architecture})"
    image_shape = (case["resolution"], case["resolution"], case["colors"])
    gan = configuration.build(
        options.gan_class, options=options, image_shape=image_shape, num_classes=case["num_classes"]
    )
    gan.check_batch(num_replicas=1)
    gan.create()
    state = TrainState(gan)
    return verdict(RUNNERS[case["kind"]](directory, name, case, gan, state, jit_compile))


def verdict(errors):
    """(passed, text) of rows (quantity, error, tolerance), by the one nearest to its tolerance."""
    quantity, error, tolerance = max(errors, key=lambda row: row[1] / row[2])
    passed = error <= tolerance
    return passed, f"error {error:.2e} tolerance {tolerance:.0e} {'pass' if passed else 'FAIL'} ({quantity})"


def run_forward(directory, name, case, gan, state, jit_compile):
    """Errors of one generator and one discriminator call in each mode, and of the power iterations."""
    reference = dict(np.load(directory / f"{name}.npz"))
    inputs = recorded_inputs(name, 0, case["batch"], gan, case["num_classes"])
    labels = tf.one_hot(inputs["labels"], gan.num_classes) if gan.conditional else None
    errors = []
    for mode in ("train", "eval"):
        assign_recipe(state.variables(), case["variables"])
        call = functools.partial(call_network, training=mode == "train", jit_compile=jit_compile)
        outputs = {f"G/{mode}": call(gan.generator, inputs["latents"], labels)}
        discriminated = call(gan.discriminator, inputs["images"], labels)
        for part, key in (("probability", "probability"), ("logits", "logit"), ("features", "features")):
            outputs[f"D/{mode}/{key}"] = getattr(discriminated, part)
        if mode == "train":
            outputs |= {f"after/{key}": value for key, value in state.variables().items() if key.endswith("u_var")}
        errors += [(key, relative_error(outputs[key], reference[key]), FORWARD_TOLERANCE) for key in outputs]
    unread = set(reference) - {key for key, _, _ in errors}
    if unread:
        raise ValueError(f"{name}: recorded arrays that nothing here computes: {sorted(unread)}")
    return errors


def call_network(network, inputs, labels, *, training=False, jit_compile=False):
    """Output of a network, eagerly or compiled."""
    if not jit_compile:
        return network(inputs, labels, training=training)
    return tf.function(lambda i, y: network(i, y, training=training), jit_compile=True)(inputs, labels)


def run_train(directory, name, case, gan, state, jit_compile):
    """Errors of losses and variables after a few training steps."""
    reference = dict(np.load(directory / f"{name}.npz"))
    variables = state.variables()
    assign_recipe(variables, case["variables"])
    start = {key: value.numpy() for key, value in variables.items()}
    losses = np.array(train(name, case, gan, state, jit_compile))
    recorded = reference["losses"]
    scale = np.maximum(np.abs(recorded), 0.01)
    errors = [("losses", np.max(np.abs(losses - recorded) / scale), LOSS_TOLERANCE)]
    for key, values in reference.items():
        kind, _, variable = key.partition("/")
        if kind == "stat":
            change = variables[variable].numpy() - start[variable]
            allowed = CHANGE_TOLERANCE * values[1] + 1e-5 * np.linalg.norm(start[variable])
            # Expressed as a multiple of the tolerance, since that has two terms.
            ratio = abs(np.linalg.norm(change) - values[1]) / max(allowed, 1e-30)
            errors.append((f"change of {variable}", ratio * CHANGE_TOLERANCE, CHANGE_TOLERANCE))
        elif kind == "final":
            errors.append((variable, relative_error(variables[variable], values), VALUE_TOLERANCE))
    counters = [state.current_step(), int(state.discriminator_step)]
    if "global_step" in reference and counters != list(reference["global_step"]):
        errors.append((f"counters {counters}, not {list(reference['global_step'])}", np.inf, VALUE_TOLERANCE))
    return errors


def run_checkpoint(directory, name, case, gan, state, jit_compile):
    """Errors of networks that a checkpoint of the original was read into."""
    del name
    reference = dict(np.load(directory / case["probe"]))
    original_checkpoint.restore(directory / case["checkpoint"], state)
    inputs = recorded_inputs(case["probe_inputs"], 0, case["batch"], gan, case["num_classes"])
    labels = tf.one_hot(inputs["labels"], gan.num_classes) if gan.conditional else None
    call = functools.partial(call_network, jit_compile=jit_compile)
    discriminated = call(gan.discriminator, inputs["images"], labels)
    outputs = {
        "generated_raw": call(gan.generator, inputs["latents"], labels),
        "d_probability": discriminated.probability,
        "d_logit": discriminated.logits,
        "d_features": discriminated.features,
    }
    if state.ema is not None:
        state.ema.copy_to(gan.generator)
        outputs["generated_ema"] = call(gan.generator, inputs["latents"], labels)
    return [(key, relative_error(outputs[key], values), FORWARD_TOLERANCE) for key, values in reference.items()]


def run_metrics(directory, name):
    """Errors of the metrics of recorded features, images and the like."""
    return [
        (key, relative_error(values, reference), MS_SSIM_TOLERANCE if key == "msssim" else METRIC_TOLERANCE)
        for key, values, reference in recorded.comparisons(dict(np.load(directory / f"{name}.npz")))
    ]


def train(name, case, gan, state, jit_compile):
    """Runs the recorded number of steps; returns a row of losses for each."""
    substeps, rows = case.get("substeps", 1), []
    step = TrainStep(gan, state)
    unrolled = tf.function(lambda batches: step(batches, state.step, RecordedNoise()), jit_compile=jit_compile)
    executed = {
        trains: tf.function(
            lambda batch, trains=trains: step.executed_step(
                gan.prepare(batch), state.step, RecordedNoise(), 0, train_generator=trains
            ),
            jit_compile=jit_compile,
        )
        for trains in (False, True)
    }
    for k in range(case["steps"]):
        inputs = recorded_inputs(
            name, k, case["batch"] * substeps, gan, case["num_classes"], case.get("labelled_every", 1)
        )
        if gan.unrolled:
            parts = {key: np.split(value, substeps) for key, value in inputs.items()}
            scalars = unrolled(tuple({key: parts[key][i] for key in parts} for i in range(substeps)))
            state.count_step()
            rows.append([scalars["loss/d_0"], scalars["loss/g"]])
            continue
        trains = (k + 1) % gan.options.disc_iters == 0
        scalars = executed[trains](inputs)
        state.discriminator_step.assign_add(1)
        state.step.assign_add(int(trains))
        row = [scalars["loss/d_0"], scalars.get("loss/g", 0.0)]
        rows.append(row + [float(trains)] if gan.options.disc_iters > 1 else row)
    return [[float(value) for value in row] for row in rows]


class RecordedNoise:
    """The noise of the recorded penalties: by shape alone, the same in every step."""

    def uniform(self, shape, purpose):
        text = "penalty_noise/" + "x".join(str(side) for side in shape)
        return tf.constant(_generator_for(text).random_sample([int(side) for side in shape]), tf.float32)


def recorded_inputs(case, step, batch, gan, num_classes, labelled_every=1):
    """The inputs of a recorded step, under the names of the input pipeline."""
    random = _generator_for(f"inputs/{case}/{step}")
    images = random.random_sample((batch, *gan.image_shape)).astype(np.float32)
    latents = random.standard_normal((batch, gan.options.z_dim)).astype(np.float32)
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
    random, last = _generator_for(name), name.split("/")[-1]
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


def relative_error(values, reference):
    """Largest difference, relative to the reference's largest magnitude."""
    values = np.reshape(np.asarray(values), reference.shape)
    error = float(np.max(np.abs(values - reference)) / max(np.max(np.abs(reference)), 1e-30))
    return np.inf if np.isnan(error) else error  # a NaN compares as neither larger nor smaller


def _generator_for(text):
    return np.random.RandomState(zlib.crc32(text.encode("utf-8")) & 0x7FFFFFFF)


RUNNERS = {"checkpoint": run_checkpoint, "forward": run_forward, "train": run_train}

if __name__ == "__main__":
    assert gin_names.MODULES  # all names are declared
    allocator.keep_freed_memory()
    sys.exit(main())
