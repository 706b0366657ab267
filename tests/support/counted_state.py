"""As much of a `TrainState` as checkpoints want: a step and one weight."""

import keras
import tensorflow as tf

from compare_gan2.run_folder.checkpoint_files import checkpoint_steps


class CountedState:
    """A variable `global_step` and a variable `weight` [1].

    Args:
        width: size of the weight.
    """

    def __init__(self, width=1):
        self.step = tf.Variable(0, dtype=tf.int64)
        self.weight = keras.Variable([1.0] * width, name="weight")

    def current_step(self):
        return int(self.step.numpy())

    def count_step(self):
        self.step.assign_add(1)

    def variables(self):
        return {"global_step": self.step, "weight": self.weight.value}


def saved_at(checkpoints, steps):
    """Saves a `CountedState` at these steps, its weight equal to the step; returns the steps in the folder."""
    for step in steps:
        checkpoints.state.step.assign(step)
        checkpoints.state.weight.assign(tf.fill(checkpoints.state.weight.shape, float(step)))
        checkpoints.save()
    return checkpoint_steps(checkpoints.model_dir)
