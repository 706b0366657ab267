"""Weight decay of pre-training: of kernels alone, in the loss or in the optimizer."""

import tensorflow as tf


def decay_in_loss(options, variables):
    """Term of the loss: `weight_decay` times half the squared norm of all kernels; 0 if the optimizer decays them.

    Args:
        options: `PretrainOptions`.
        variables: Keras variables.
    """
    if options.optimizer != "sgd":
        return 0.0
    return options.weight_decay * tf.add_n([tf.nn.l2_loss(kernel) for kernel in kernels(variables)])


def kernels(variables):
    """The kernels among Keras variables; biases, scales and offsets are not decayed."""
    return [variable for variable in variables if variable.name == "kernel"]
