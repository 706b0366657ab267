"""Writes what the original leaves on disk: TensorFlow 1 checkpoints and the folders of published modules."""

import numpy as np
import tensorflow as tf

AVERAGE = "/ExponentialMovingAverage"


def write_checkpoint(prefix, values):
    """Writes {name: array} as a TensorFlow 1 checkpoint; returns its path."""
    prefix.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(values)
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(values[name]) for name in names],
    )
    return prefix


def read_checkpoint(prefix):
    """{name: array} of all variables in a checkpoint."""
    reader = tf.train.load_checkpoint(str(prefix))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def values_of(state, step=3, disc_iters=1):
    """What the original would hold of networks, heads and averages like those of a `TrainState`, with made-up values.

    Slots of the optimizers are Adam's; update_accus and Adam's powers are there, as in the original.
    """
    random = np.random.RandomState(0)
    values = {"global_step": np.int64(step), "global_step_disc": np.int32(step * disc_iters)}
    parts = (state.gan.generator, state.gan.discriminator, *state.gan.heads)
    for variable in (variable for part in parts for variable in part.variables):
        values[variable.path] = 0.5 + 0.1 * random.random_sample(variable.shape).astype(np.float32)
        if variable.trainable:
            name = "g_opt" if variable.path.startswith("generator/") else "d_opt"
            for slot in (name, f"{name}_1"):
                values[f"{variable.path}/{slot}"] = 0.01 * random.random_sample(variable.shape).astype(np.float32)
            if state.ema is not None and name == "g_opt":
                values[variable.path + AVERAGE] = 0.5 + 0.1 * random.random_sample(variable.shape).astype(np.float32)
        if variable.path.endswith("accu_counter"):
            values[variable.path.replace("accu_counter", "update_accus")] = np.int32(0)
    for name in ("disc_step_1/beta1_power", "disc_step_1/beta2_power", "gen_step/cond/beta1_power"):
        values[name] = np.float32(0.5)
    return values


def write_module(folder, values, accumulated=None):
    """Makes the folder of a published module: its variables, and those of `model-with-accu.ckpt` if there are any."""
    write_checkpoint(folder / "variables" / "variables", values)
    if accumulated is not None:
        write_checkpoint(folder / "model-with-accu.ckpt", accumulated)
    return folder


def module_values(checkpoint):
    """What an exported module keeps of {name: array} of a checkpoint: both networks and the averages."""
    return {
        name: value
        for name, value in checkpoint.items()
        if name.startswith(("generator/", "discriminator/")) and not name.endswith(("_opt", "_opt_1"))
    }
