"""Optimizers by their TensorFlow 1 names, parameters and defaults, called as `fn(learning_rate, name=...)`.

`use_locking` is in every saved configuration of the original and has no effect, there as here.
"""

import keras

from compare_gan2.configuration import configurable, refuse


def optimizer(name):
    """Declares an optimizer as `tf.train.NAME`; learning rate and name come from the caller."""
    return configurable(name, module="tf.train", denylist=["learning_rate", "name"])


@optimizer("AdamOptimizer")
def adam(
    learning_rate,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    use_locking: bool = False,
    name="Adam",
):
    """Adam with TensorFlow 1's epsilon; Keras' own default, 1e-7, moves weights of tiny gradients by 1 % less."""
    return keras.optimizers.Adam(float(learning_rate), beta_1=beta1, beta_2=beta2, epsilon=epsilon, name=name)


class RMSProp(keras.optimizers.RMSprop):
    """RMSProp whose mean squares start at 1, as TensorFlow 1's do; from 0, Keras' first steps are far larger."""

    def build(self, variables):
        if not self.built:
            super().build(variables)
            for mean_square in self._velocities:
                mean_square.assign(keras.ops.ones_like(mean_square))


@optimizer("RMSPropOptimizer")
def rmsprop(
    learning_rate,
    decay: float = 0.9,
    momentum: float = 0.0,
    epsilon: float = 1e-10,
    use_locking: bool = False,
    centered: bool = False,
    name="RMSProp",
):
    """RMSProp with TensorFlow 1's defaults."""
    return RMSProp(float(learning_rate), rho=decay, momentum=momentum, epsilon=epsilon, centered=centered, name=name)


@optimizer("GradientDescentOptimizer")
def gradient_descent(learning_rate, use_locking: bool = False, name="GradientDescent"):
    """Plain gradient descent."""
    return keras.optimizers.SGD(float(learning_rate), name=name)


@optimizer("MomentumOptimizer")
def momentum(learning_rate, momentum: float, use_locking: bool = False, use_nesterov: bool = False, name="Momentum"):
    """Gradient descent with momentum, which must be bound."""
    return keras.optimizers.SGD(float(learning_rate), momentum=momentum, nesterov=use_nesterov, name=name)


@optimizer("AdagradOptimizer")
def adagrad(learning_rate, initial_accumulator_value: float = 0.1, use_locking: bool = False, name="Adagrad"):
    """Adagrad with TensorFlow 1's update, which adds no epsilon."""
    return keras.optimizers.Adagrad(float(learning_rate), initial_accumulator_value, epsilon=0.0, name=name)


@optimizer("AdadeltaOptimizer")
def adadelta(learning_rate, rho: float = 0.95, epsilon: float = 1e-8, use_locking: bool = False, name="Adadelta"):
    """Adadelta with TensorFlow 1's epsilon."""
    return keras.optimizers.Adadelta(float(learning_rate), rho=rho, epsilon=epsilon, name=name)


@optimizer("FtrlOptimizer")
def ftrl(
    learning_rate,
    learning_rate_power: float = -0.5,
    initial_accumulator_value: float = 0.1,
    l1_regularization_strength: float = 0.0,
    l2_regularization_strength: float = 0.0,
    use_locking: bool = False,
    accum_name: str | None = None,
    linear_name: str | None = None,
    l2_shrinkage_regularization_strength: float = 0.0,
    name="Ftrl",
):
    """FTRL-proximal with TensorFlow 1's defaults; the names of its slots have no effect."""
    return keras.optimizers.Ftrl(
        float(learning_rate),
        learning_rate_power=learning_rate_power,
        initial_accumulator_value=initial_accumulator_value,
        l1_regularization_strength=l1_regularization_strength,
        l2_regularization_strength=l2_regularization_strength,
        l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
        name=name,
    )


_CONSTANT = "learning rates are constant, as in the original, which passes no step to schedules: bind ModularGAN.g_lr"
for _name, _alternative in {
    "AdagradDAOptimizer": "it needs a step that nothing passes to it: use @tf.train.AdagradOptimizer",
    "ProximalAdagradOptimizer": "use @tf.train.AdagradOptimizer (equal without l1 and l2), or @tf.train.FtrlOptimizer",
    "ProximalGradientDescentOptimizer": "use @tf.train.GradientDescentOptimizer (equal without l1 and l2)",
    "exponential_decay": _CONSTANT,
    "inverse_time_decay": _CONSTANT,
    "natural_exp_decay": _CONSTANT,
    "piecewise_constant": _CONSTANT,
    "polynomial_decay": _CONSTANT,
}.items():
    refuse(_name, module="tf.train", instead=_alternative)
