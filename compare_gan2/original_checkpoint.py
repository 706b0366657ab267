"""Reads a checkpoint that the original compare_gan wrote under TensorFlow 1 into a `TrainState`.

Networks and heads have the original's variable names here. What differs: the moments of Adam are `VARIABLE/d_opt` and
`VARIABLE/d_opt_1` (`g_opt` for the generator) there; the steps of both optimizers follow from the two counters; the
switch of the batch-norm accumulators (`update_accus`) is an argument here and no variable.
"""

import tensorflow as tf

COUNTERS = ("global_step", "global_step_disc")
ADAM_MOMENTS = {"momentum": "", "velocity": "_1"}


def restore(path, state):
    """Assigns every variable of a `TrainState` from a checkpoint of the original.

    Args:
        path: of the checkpoint, without suffixes.
        state: `TrainState` with Adam optimizers.

    Raises:
        ValueError: listing every variable that is missing there, or has another shape, with both shapes; the state is
            unchanged then.
    """
    reader = tf.train.load_checkpoint(str(path))
    shapes = reader.get_variable_to_shape_map()
    targets = original_names(state)
    wrong = []
    for name, variable in targets.items():
        found = tuple(shapes[name]) if name in shapes else "missing"
        if found != tuple(variable.shape):
            wrong.append(f"{name}: expected {tuple(variable.shape)}, found {found}")
    if wrong:
        raise ValueError(f"{path} does not fit this configuration: {'; '.join(wrong)}")
    for name, variable in targets.items():
        variable.assign(tf.cast(reader.get_tensor(name), variable.dtype))
    for optimizer, counter in ((state.g_optimizer, COUNTERS[0]), (state.d_optimizer, COUNTERS[1])):
        optimizer.iterations.assign(int(reader.get_tensor(counter)))


def original_names(state):
    """{name in the original's checkpoint: variable} for all that it holds of a `TrainState`."""
    named = state.variables()
    optimizers = {
        state.g_optimizer: state.gan.generator.trainable_variables,
        state.d_optimizer: state.gan.discriminator_variables,
    }
    own = {variable.path for optimizer in optimizers for variable in optimizer.variables}
    targets = {name: variable for name, variable in named.items() if name not in own}
    for optimizer, variables in optimizers.items():
        for variable in variables:
            for moment, suffix in ADAM_MOMENTS.items():
                ours = f"{optimizer.name}/{variable.path.replace('/', '_')}_{moment}"
                targets[f"{variable.path}/{optimizer.name}{suffix}"] = named[ours]
    return targets
