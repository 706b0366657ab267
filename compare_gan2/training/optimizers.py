"""Optimizers by their TensorFlow 1 names, parameters and defaults, called as `fn(learning_rate, name=...)`."""

import keras

from compare_gan2.configuration import configurable


@configurable("AdamOptimizer", module="tf.train", denylist=["learning_rate", "name"])
def adam(learning_rate, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, name="Adam"):
    """Adam with TensorFlow 1's epsilon; Keras' own default, 1e-7, moves weights of tiny gradients by 1 % less."""
    return keras.optimizers.Adam(float(learning_rate), beta_1=beta1, beta_2=beta2, epsilon=epsilon, name=name)


class RMSProp(keras.optimizers.RMSprop):
    """RMSProp whose mean squares start at 1, as TensorFlow 1's do; from 0, Keras' first steps are far larger."""

    def build(self, variables):
        if not self.built:
            super().build(variables)
            for mean_square in self._velocities:
                mean_square.assign(keras.ops.ones_like(mean_square))


@configurable("RMSPropOptimizer", module="tf.train", denylist=["learning_rate", "name"])
def rmsprop(
    learning_rate,
    decay: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-10,
    centered: bool = False,
    name="RMSProp",
):
    """RMSProp with TensorFlow 1's defaults."""
    return RMSProp(float(learning_rate), rho=decay, momentum=momentum, epsilon=epsilon, centered=centered, name=name)


@configurable("GradientDescentOptimizer", module="tf.train", denylist=["learning_rate", "name"])
def gradient_descent(learning_rate, name="GradientDescent"):
    """Plain gradient descent."""
    return keras.optimizers.SGD(float(learning_rate), name=name)


@configurable("MomentumOptimizer", module="tf.train", denylist=["learning_rate", "name"])
def momentum(learning_rate, momentum: float, use_nesterov: bool = False, name="Momentum"):
    """Gradient descent with momentum, which must be bound."""
    return keras.optimizers.SGD(float(learning_rate), momentum=momentum, nesterov=use_nesterov, name=name)
