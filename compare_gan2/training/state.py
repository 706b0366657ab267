"""All that changes during training, as one object; a checkpoint is this object."""

import tensorflow as tf

from compare_gan2.training.ema import ExponentialMovingAverage


class TrainState:
    """Networks, heads, optimizers, moving average and counters; create it inside the strategy's scope.

    Attributes:
        step: generator updates so far, int64 (the original's `global_step`).
        discriminator_step: discriminator updates so far, int64 (`global_step_disc`).
    """

    def __init__(self, gan):
        self.gan = gan
        self.g_optimizer = gan.g_optimizer()
        self.d_optimizer = gan.d_optimizer()
        self.g_optimizer.build(gan.generator.trainable_variables)
        self.d_optimizer.build(gan.discriminator_variables)
        self.ema = None
        if gan.g_use_ema:
            self.ema = ExponentialMovingAverage(gan.generator, gan.ema_decay, gan.ema_start_step)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")
        self.discriminator_step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step_disc")

    def current_step(self):
        """The step as a Python int, also where every replica holds a copy."""
        return int(self.step.numpy())

    def count_step(self):
        """Advances both counters by one generator step; call outside the replicas."""
        self.step.assign_add(1)
        self.discriminator_step.assign_add(self.gan.options.disc_iters)

    def variables(self):
        """{name: tf.Variable} of everything; a network's variables have the names of the original's checkpoints.

        Explicit, because `tf.train.Checkpoint(keras_model)` silently leaves out layers that are held in lists.
        """
        named = {"global_step": self.step, "global_step_disc": self.discriminator_step}
        for part in (self.gan.generator, self.gan.discriminator, *self.gan.heads):
            named |= _by_path(part.variables)
        for optimizer in (self.g_optimizer, self.d_optimizer):
            named |= _by_path(optimizer.variables)
        if self.ema is not None:
            for variable, shadow in zip(self.gan.generator.trainable_variables, self.ema.shadows, strict=True):
                named[f"{variable.path}/ExponentialMovingAverage"] = shadow
        return named


def _by_path(variables):
    named = {variable.path: variable.value for variable in variables}
    if len(named) != len(variables):
        raise RuntimeError("two variables of one network share a path; give every layer a name of its own")
    return named
