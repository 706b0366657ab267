"""Exponential moving average of the generator's weights."""

import tensorflow as tf

from compare_gan2.distribution.replica_copies import replica_copy


class ExponentialMovingAverage:
    """Exponential moving average of a network's trainable variables; it equals them until `start_step`.

    Args:
        model: network whose trainable variables are averaged.
        decay: weight of the old average in an update, in [0, 1].
        start_step: first step at which the old average has any weight; compared with the step before the update.
        half_life: `HalfLife`, which takes the place of decay and start_step; None for these.
        images_per_step: of a generator step, for the half-life.

    Attributes:
        shadows: list of the averages, one tf.Variable for each trainable variable of the network, in the same order.

    Example:
        >>> average = ExponentialMovingAverage(generator, decay=0.9999, start_step=1000)
        >>> average.update(state.step)  # after each update of the weights
        >>> average.copy_to(generator_for_scores)
    """

    def __init__(self, model, decay, start_step, half_life=None, images_per_step=None):
        self.model = model
        self.decay = decay
        self.start_step = start_step
        self.half_life = half_life
        self.images_per_step = images_per_step
        # Every replica computes the same average from the same weights.
        self.shadows = [replica_copy(tf.convert_to_tensor(v)) for v in model.trainable_variables]

    def restart(self):
        """Sets the averages to the current weights."""
        for shadow, variable in zip(self.shadows, self.model.trainable_variables, strict=True):
            shadow.assign(tf.convert_to_tensor(variable))

    def update(self, step):
        """Updates the averages: average -= (1 - decay) * (average - weight), with decay 0 before `start_step`.

        Args:
            step: scalar int64, the generator step before the update.
        """
        rate = self.rate(step)
        for shadow, variable in zip(self.shadows, self.model.trainable_variables, strict=True):
            shadow.assign_sub(rate * (shadow - tf.convert_to_tensor(variable)))

    def rate(self, step):
        """float32 scalar: weight of the new values in the update of a generator step."""
        if self.half_life is not None:
            return self.half_life.rate(tf.cast(step, tf.float32) * self.images_per_step, self.images_per_step)
        return 1.0 - self.decay * tf.cast(step >= self.start_step, tf.float32)

    def copy_to(self, model):
        """Assigns the averages to another network of the same architecture."""
        for shadow, variable in zip(self.shadows, model.trainable_variables, strict=True):
            variable.assign(tf.convert_to_tensor(shadow))
