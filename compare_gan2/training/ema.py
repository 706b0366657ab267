"""Exponential moving average of the generator's weights."""

import tensorflow as tf


class ExponentialMovingAverage:
    """Shadows of trainable variables, equal to them until `start_step`.

    Args:
        model: network whose trainable variables are averaged.
        decay: share of the old average that an update keeps.
        start_step: first step whose update keeps any; compared with the step before the update.
    """

    def __init__(self, model, decay, start_step):
        self.model = model
        self.decay = decay
        self.start_step = start_step
        self.shadows = [
            tf.Variable(
                tf.convert_to_tensor(v),
                trainable=False,
                # Every replica computes the same average from the same weights: keep copies, exchange nothing.
                synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for v in model.trainable_variables
        ]

    def restart(self):
        """Takes the weights as they are."""
        for shadow, variable in zip(self.shadows, self.model.trainable_variables, strict=True):
            shadow.assign(tf.convert_to_tensor(variable))

    def update(self, step):
        """average -= (1 - decay) * (average - weight), with decay 0 before `start_step`."""
        rate = 1.0 - self.decay * tf.cast(step >= self.start_step, tf.float32)
        for shadow, variable in zip(self.shadows, self.model.trainable_variables, strict=True):
            shadow.assign_sub(rate * (shadow - tf.convert_to_tensor(variable)))

    def copy_to(self, model):
        """Writes the averages into another instance of the network."""
        for shadow, variable in zip(self.shadows, model.trainable_variables, strict=True):
            variable.assign(tf.convert_to_tensor(shadow))
