"""Optimizer and learning rate of pre-training."""

import keras
import tensorflow as tf

from compare_gan2.pretraining.self_supervised.lars import Lars
from compare_gan2.pretraining.self_supervised.schedules import warm_then_cosine
from compare_gan2.pretraining.weight_decay import kernels


class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate by `PretrainOptions`: a linear warm-up, then steps down or half a cosine."""

    def __init__(self, options):
        self.options = options

    def __call__(self, step):
        options, step = self.options, tf.cast(step, tf.float32)
        if options.schedule == "cosine":
            rates = options.learning_rate, options.last_learning_rate
            return warm_then_cosine(step, options.training_steps, options.warmup_steps, 0.0, *rates)
        rate = options.learning_rate * tf.minimum(1.0, (step + 1.0) / max(options.warmup_steps, 1))
        for boundary in options.decay_steps:
            rate *= tf.where(step >= boundary, options.decay_factor, 1.0)
        return rate

    def get_config(self):
        return {"options": self.options}


def make_optimizer(options, variables):
    """Keras optimizer by `PretrainOptions` with the state that these variables need."""
    rate = LearningRate(options)
    if options.optimizer == "adamw":
        optimizer = keras.optimizers.AdamW(rate, weight_decay=options.weight_decay, epsilon=1e-8, name="adamw")
        decayed = {variable.path for variable in kernels(variables)}
        optimizer.exclude_from_weight_decay([variable for variable in variables if variable.path not in decayed])
    elif options.optimizer == "lars":
        optimizer = Lars(rate, options.momentum, options.weight_decay)
    else:
        optimizer = keras.optimizers.SGD(rate, momentum=options.momentum, name="sgd")
    optimizer.build(variables)
    return optimizer
