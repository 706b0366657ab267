"""LARS: steps in proportion to the norm of each kernel, for large batches (You et al. 2017)."""

import keras
import tensorflow as tf


class Lars(keras.optimizers.Optimizer):
    """SGD with momentum whose rate for each kernel is multiplied by trust * |kernel| / |gradient|.

    Weight decay is part of the gradient. Variables of other names than "kernel" (biases, scales and offsets of batch
    norm) have neither, as in SimCLR and BYOL.

    Args:
        learning_rate: number or schedule.
        momentum: in [0, 1).
        kernel_decay: weight of half the squared norm of kernels.
        trust: see above; the paper's eta.
        name: name of the optimizer in its variables.
    """

    def __init__(self, learning_rate, momentum, kernel_decay, trust=0.001, name="lars"):
        super().__init__(learning_rate=learning_rate, name=name)
        self.momentum = momentum
        self.kernel_decay = kernel_decay
        self.trust = trust

    def build(self, variables):
        """Makes a velocity for each variable."""
        if self.built:
            return
        super().build(variables)
        self.velocities = self.add_optimizer_variables(variables, "velocity")
        self._trusted = [variable.name == "kernel" for variable in variables]

    def update_step(self, gradient, variable, learning_rate):
        """Moves one variable."""
        index = self._get_variable_index(variable)  # the variable is one of TensorFlow, whose name is another
        velocity = self.velocities[index]
        gradient, rate = tf.cast(gradient, variable.dtype), tf.cast(learning_rate, variable.dtype)
        if self._trusted[index]:
            value = tf.convert_to_tensor(variable)
            gradient += self.kernel_decay * value
            of_kernel, of_gradient = tf.norm(value), tf.norm(gradient)
            trusted = (of_kernel > 0.0) & (of_gradient > 0.0)
            rate *= tf.where(trusted, tf.math.divide_no_nan(self.trust * of_kernel, of_gradient), 1.0)
        moved = self.momentum * tf.convert_to_tensor(velocity) + rate * gradient
        self.assign(velocity, moved)
        self.assign_sub(variable, moved)

    def get_config(self):
        """Arguments of the constructor."""
        own = {name: getattr(self, name) for name in ("momentum", "kernel_decay", "trust")}
        return {"learning_rate": self._learning_rate, "name": self.name} | own
