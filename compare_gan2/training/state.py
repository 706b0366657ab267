"""The training state: everything that changes during training, and thus everything that a checkpoint holds."""

import tensorflow as tf

from compare_gan2.training.ema import ExponentialMovingAverage


class TrainState:
    """Networks, heads, regularisers, optimizers, moving average and counters; create it inside the strategy's scope.

    Args:
        gan: `ModularGAN`; its variables are made if they do not exist yet.
        seed: whole number in [0, 2**32); initial values follow from it and the variables' paths alone.

    Attributes:
        g_optimizer, d_optimizer: Keras optimizers of the generator and of the discriminator with its heads.
        ema: `ExponentialMovingAverage` of the generator's weights; None if the GAN keeps none.
        step: generator updates so far, scalar int64 tf.Variable (the original's `global_step`).
        discriminator_step: discriminator updates so far, scalar int64 tf.Variable (`global_step_disc`).

    Raises:
        ConfigError: as `ModularGAN.build`.

    Example:
        >>> with strategy.scope():
        ...     state = TrainState(gan)
        >>> state.current_step()
        0
    """

    def __init__(self, gan, seed=0):
        gan.build(seed)
        self.gan = gan
        self.g_optimizer, self.d_optimizer = gan.make_optimizers()
        self.g_optimizer.build(gan.generator.trainable_variables)
        self.d_optimizer.build(gan.discriminator_variables)
        self.ema = None
        if gan.g_use_ema:
            given = (gan.ema_decay, gan.ema_start_step, gan.ema_half_life, gan.images_per_step)
            self.ema = ExponentialMovingAverage(gan.generator, *given)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step")
        self.discriminator_step = tf.Variable(0, dtype=tf.int64, trainable=False, name="global_step_disc")

    def current_step(self):
        """Generator updates so far as a Python int, also if every replica holds a copy of the counter."""
        return int(self.step.numpy())

    def count_step(self):
        """Advances both counters by one generator step; call outside the replicas."""
        self.step.assign_add(1)
        self.discriminator_step.assign_add(self.gan.disc_iters)

    def variables(self):
        """{name: tf.Variable} of the whole state; networks' variables have their names in the original's checkpoints.

        Listed explicitly, because `tf.train.Checkpoint(keras_model)` silently leaves out layers that are held in lists.

        Raises:
            RuntimeError: if two variables of one network have the same path.
        """
        named = {"global_step": self.step, "global_step_disc": self.discriminator_step}
        for part in (self.gan.generator, self.gan.discriminator, *self.gan.heads):
            named |= _by_path(part.variables)
        for regularizer in self.gan.regularizers:
            named |= regularizer.variables
        named |= self.gan.sees.variables()
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
