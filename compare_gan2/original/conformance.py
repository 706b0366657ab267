"""Whether this machine computes what the original computed: recorded cases are run again and compared."""

import functools

import numpy as np
import tensorflow as tf

from compare_gan2 import architectures
from compare_gan2.config.configuration import parse
from compare_gan2.config.run_options import Options
from compare_gan2.gans.make_gan import model_spec
from compare_gan2.original import checkpoint as original_checkpoint
from compare_gan2.original import field_conformance, recorded_metrics
from compare_gan2.original.recorded_cases import assign_recipe, generator_for, recorded_inputs
from compare_gan2.training.state import TrainState
from compare_gan2.training.step import TrainStep

NOT_YET = "not yet implemented"
FORWARD_TOLERANCE = 1e-4
LOSS_TOLERANCE = 1e-3
CHANGE_TOLERANCE = 2e-3
VALUE_TOLERANCE = 1e-3
METRIC_TOLERANCE = 1e-5
MS_SSIM_TOLERANCE = 1e-4

# Where our default differs from the original's behaviour, the original's is compared.
ORIGINAL_BEHAVIOUR = ["SSGAN.rotated_fakes_take_real_labels = True"]


def result(directory, name, case, jit_compile=False):
    """(passed, text) of one case; a case that cannot be run has not passed.

    Args:
        directory: folder of the cases.
        name: of the case.
        case: its entry in `manifest.json`.
        jit_compile: whether networks and updates are compiled by XLA.
    """
    try:
        return check(directory, name, case, jit_compile)
    # Other variables, unknown options, a missing array, an operation that XLA does not have.
    except (ValueError, KeyError, OSError, tf.errors.OpError) as error:
        return False, f"FAIL ({str(error).splitlines()[0]})"


def check(directory, name, case, jit_compile=False):
    """As `result`, but raises what stops the case."""
    if field_conformance.is_field_case(case):
        if not field_conformance.is_implemented(name):
            return False, NOT_YET
        return verdict(field_conformance.errors_of(directory, name, case, jit_compile))
    if case["kind"] == "metrics":
        return verdict(run_metrics(directory, name))
    if case["kind"] not in RUNNERS:
        return False, f"{NOT_YET} (kind)"
    config = parse([], ORIGINAL_BEHAVIOUR + case["bindings"])
    options = config.build(Options)
    if options.architecture not in architectures.ARCHITECTURES:
        return False, f"{NOT_YET} ({options.architecture})"
    image_shape = (case["resolution"], case["resolution"], case["colors"])
    gan = model_spec(config, options, image_shape=image_shape, num_classes=case["num_classes"]).make()
    gan.check_batch(num_replicas=1)
    gan.build()
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
        for key, values, reference in recorded_metrics.comparisons(dict(np.load(directory / f"{name}.npz")))
    ]


def train(name, case, gan, state, jit_compile):
    """List with a row of losses for each of the recorded number of steps, which are run."""
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
        trains = (k + 1) % gan.disc_iters == 0
        scalars = executed[trains](inputs)
        state.discriminator_step.assign_add(1)
        state.step.assign_add(int(trains))
        row = [scalars["loss/d_0"], scalars.get("loss/g", 0.0)]
        rows.append(row + [float(trains)] if gan.disc_iters > 1 else row)
    return [[float(value) for value in row] for row in rows]


class RecordedNoise:
    """The noise of the recorded penalties: by shape alone, the same in every step."""

    step = 0

    def uniform(self, shape, purpose):
        text = "penalty_noise/" + "x".join(str(side) for side in shape)
        return tf.constant(generator_for(text).random_sample([int(side) for side in shape]), tf.float32)


def relative_error(values, reference):
    """Largest difference, relative to the reference's largest magnitude."""
    values = np.reshape(np.asarray(values), reference.shape)
    error = float(np.max(np.abs(values - reference)) / max(np.max(np.abs(reference)), 1e-30))
    return np.inf if np.isnan(error) else error  # a NaN compares as neither larger nor smaller


RUNNERS = {"checkpoint": run_checkpoint, "forward": run_forward, "train": run_train}
