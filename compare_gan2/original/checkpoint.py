"""Reads a checkpoint that the original compare_gan wrote under TensorFlow 1 into a `TrainState`.

Networks, heads and moving averages have the original's variable names here. What differs: the slots of an optimizer are
`VARIABLE/d_opt`, `VARIABLE/d_opt_1`, ... (`g_opt` for the generator) there, in the order in which TensorFlow 1 makes
them; the steps of both optimizers follow from the two counters, so that Adam's powers of beta are not read; the switch
of the batch-norm accumulators (`update_accus`) is an argument here, not a variable.
"""

import re

import tensorflow as tf

COUNTERS = ("global_step", "global_step_disc")
WITHOUT_A_PLACE = ("update_accus", "beta1_power", "beta2_power")  # last parts of names that nothing here needs

# Keras' names of the slots, in TensorFlow 1's order, by the class of the optimizer.
SLOTS = {
    "Adadelta": ("accumulated_grad", "accumulated_delta_var"),
    "Adagrad": ("accumulator",),
    "Adam": ("momentum", "velocity"),
    "Ftrl": ("accumulator", "linear"),
    "RMSProp": ("velocity", "momentum"),
    "SGD": ("momentum",),
}


def restore(path, state):
    """Assigns every variable of a `TrainState` from a checkpoint of the original; call it in the strategy's scope.

    Args:
        path: of the checkpoint, without suffixes.
        state: `TrainState`.

    Raises:
        ValueError: listing every variable that is on one side only, or has another shape, with both shapes, or for an
            optimizer whose slots have no counterpart; the state is then unchanged.
    """
    reader = tf.train.load_checkpoint(str(path))
    shapes = shapes_in(reader)
    if "_CHECKPOINTABLE_OBJECT_GRAPH" in shapes:
        raise ValueError(f"{path} was written by TensorFlow 2; a checkpoint of the original is expected")
    targets, factors = original_names(state), _factors(state)
    require_match(
        path,
        expected={name: tuple(variable.shape) for name, variable in targets.items()},
        found={name: shape for name, shape in shapes.items() if not _has_no_place(name, state)},
    )
    for name, variable in targets.items():
        value = reader.get_tensor(name)
        variable.assign(tf.cast(value * factors[name] if name in factors else value, variable.dtype))
    for optimizer, counter in ((state.g_optimizer, COUNTERS[0]), (state.d_optimizer, COUNTERS[1])):
        optimizer.iterations.assign(int(reader.get_tensor(counter)))


def shapes_in(reader):
    """{variable: shape as a tuple} of a checkpoint reader."""
    return {name: tuple(shape) for name, shape in reader.get_variable_to_shape_map().items()}


def require_match(path, expected, found):
    """Raises a `ValueError` that lists, one per line, each name whose shapes in `expected` and `found` differ."""
    wrong = [
        f"\n  {name}: expected {expected.get(name, 'none')}, found {found.get(name, 'missing')}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]
    if wrong:
        raise ValueError(f"{path} does not fit this configuration, {len(wrong)} variables differ:{''.join(wrong)}")


def original_names(state):
    """{name in the original's checkpoint: variable} for all that it holds of a `TrainState`."""
    named = state.variables()
    own = {variable.path for optimizer, _ in _optimizers(state) for variable in optimizer.variables}
    targets = {name: variable for name, variable in named.items() if name not in own}
    for optimizer, variables in _optimizers(state):
        for variable in variables:
            for number, slot in enumerate(_slots(optimizer)):
                ours = f"{optimizer.name}/{variable.path.replace('/', '_')}_{slot}"
                if ours in named:
                    targets[_slot_name(variable, optimizer, number)] = named[ours]
    return targets


def _optimizers(state):
    """Both optimizers with the variables that they train."""
    return (
        (state.g_optimizer, state.gan.generator.trainable_variables),
        (state.d_optimizer, state.gan.discriminator_variables),
    )


def _slots(optimizer):
    kind = type(optimizer).__name__
    if kind not in SLOTS:
        raise ValueError(f"{optimizer.name}: slots are known of {', '.join(sorted(SLOTS))}, not of {kind}")
    if getattr(optimizer, "centered", False):
        return ("velocity", "average_gradient", "momentum")
    return SLOTS[kind]


def _slot_name(variable, optimizer, number):
    return f"{variable.path}/{optimizer.name}" + (f"_{number}" if number else "")


def _factors(state):
    """{slot: factor} where the two differ in units: Keras' momentum of SGD holds the learning rate, and a sign."""
    return {
        _slot_name(variable, optimizer, 0): -float(optimizer.learning_rate)
        for optimizer, variables in _optimizers(state)
        for variable in variables
        if type(optimizer).__name__ == "SGD"
    }


def _has_no_place(name, state):
    """Whether a variable of the original has no counterpart here, and need not have one."""
    if name.split("/")[-1] in WITHOUT_A_PLACE:
        return True
    # RMSProp keeps a momentum there even if it is bound to 0; it is never read then.
    return any(
        re.fullmatch(rf".+/{optimizer.name}_{len(_slots(optimizer)) - 1}", name)
        for optimizer, _ in _optimizers(state)
        if type(optimizer).__name__ == "RMSProp" and not optimizer.momentum
    )
