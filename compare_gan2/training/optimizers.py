"""Optimizers by their TensorFlow 1 names, parameters and defaults, called as `fn(learning_rate, name=...)`.

`use_locking` is in every saved configuration of the original and has no effect, there as here.
"""

from typing import Annotated

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable, refuse
from compare_gan2.config.ranges import Decay, Epsilon, NonNegative, Positive, Range, without_effect
from compare_gan2.distribution.cross_replica import num_replicas


def optimizer(name):
    """Decorator that declares an optimizer to gin as `tf.train.NAME`; the caller gives learning rate and name."""
    return configurable(name, module="tf.train", denylist=["learning_rate", "name"])


class Adam(keras.optimizers.Adam):
    """Adam in one operation per variable, whose beta2 may follow a schedule.

    Keras' own update is a dozen operations, which take longer to trace and to run. Variables are the same.

    Attributes:
        beta_2_at: function (updates so far) -> beta2; None for the constant.
    """

    beta_2_at = None

    def _backend_update_step(self, grads, trainable_variables, learning_rate):
        # What all variables share is computed once, and travels to the replicas as the learning rate does.
        updates = tf.cast(self.iterations.value + 1, tf.float32)
        beta_1 = tf.constant(self.beta_1, tf.float32)
        beta_2 = tf.cast(self.beta_2 if self.beta_2_at is None else self.beta_2_at(self.iterations), tf.float32)
        shared = dict(lr=learning_rate, beta1=beta_1, beta2=beta_2)
        shared |= dict(beta1_power=beta_1**updates, beta2_power=beta_2**updates)
        shared |= dict(epsilon=tf.constant(self.epsilon, tf.float32))
        super()._backend_update_step(grads, trainable_variables, shared)

    def _all_reduce_sum_gradients(self, grads_and_vars):
        # Keras' sum passes all gradients through one operation: of one replica, too, each would wait for the last.
        return grads_and_vars if num_replicas() == 1 else super()._all_reduce_sum_gradients(grads_and_vars)

    def update_step(self, gradient, variable, learning_rate):
        """Updates a tf.Variable and its moments; `learning_rate` holds all that is the same for every variable."""
        index = self._get_variable_index(variable)
        # Within an update, handles of distributed variables are those of the copy that is updated.
        mean, square = (slots[index].value.handle for slots in (self._momentums, self._velocities))
        gradient = tf.convert_to_tensor(gradient)
        tf.raw_ops.ResourceApplyAdam(var=variable.handle, m=mean, v=square, grad=gradient, **learning_rate)


@optimizer("AdamOptimizer")
def adam(
    learning_rate,
    beta1: Decay = 0.9,
    beta2: Decay = 0.999,
    epsilon: Epsilon = 1e-8,
    use_locking: bool = False,
    name="Adam",
):
    """Adam with TensorFlow 1's epsilon (Kingma & Ba 2015).

    With Keras' default of 1e-7, weights with tiny gradients would move 1 % less.

    Args:
        learning_rate: step size.
        beta1: decay of the mean of gradients.
        beta2: decay of the mean of their squares.
        epsilon: added to the root of that mean.
        use_locking: accepted for old files and without effect, as in the original.
        name: of the optimizer's variables.
    """
    return Adam(float(learning_rate), beta_1=beta1, beta_2=beta2, epsilon=epsilon, name=name)


class RMSProp(keras.optimizers.RMSprop):
    """RMSProp whose mean squares start at 1 as in TensorFlow 1; Keras starts them at 0, with far larger first steps."""

    def build(self, variables):
        if not self.built:
            super().build(variables)
            for mean_square in self._velocities:
                mean_square.assign(keras.ops.ones_like(mean_square))


@optimizer("RMSPropOptimizer")
def rmsprop(
    learning_rate,
    decay: Decay = 0.9,
    momentum: Decay = 0.0,
    epsilon: Epsilon = 1e-10,
    use_locking: bool = False,
    centered: bool = False,
    name="RMSProp",
):
    """RMSProp with TensorFlow 1's defaults.

    Args:
        learning_rate: step size.
        decay: decay of the mean of squared gradients.
        momentum: share of the last update that is added to the next.
        epsilon: added to the mean of squares before its root is taken.
        use_locking: accepted for old files and without effect, as in the original.
        centered: subtract the squared mean of gradients from the mean of their squares.
        name: of the optimizer's variables.
    """
    return RMSProp(float(learning_rate), rho=decay, momentum=momentum, epsilon=epsilon, centered=centered, name=name)


@optimizer("GradientDescentOptimizer")
def gradient_descent(learning_rate, use_locking: bool = False, name="GradientDescent"):
    """Plain gradient descent.

    Args:
        learning_rate: step size.
        use_locking: accepted for old files and without effect, as in the original.
        name: of the optimizer's variables.
    """
    return keras.optimizers.SGD(float(learning_rate), name=name)


@optimizer("MomentumOptimizer")
def momentum(learning_rate, momentum: Decay, use_locking: bool = False, use_nesterov: bool = False, name="Momentum"):
    """Gradient descent with momentum, which must be bound.

    Args:
        learning_rate: step size.
        momentum: share of the last update that is added to the next.
        use_locking: accepted for old files and without effect, as in the original.
        use_nesterov: take the gradient after the momentum step.
        name: of the optimizer's variables.
    """
    return keras.optimizers.SGD(float(learning_rate), momentum=momentum, nesterov=use_nesterov, name=name)


@optimizer("AdagradOptimizer")
def adagrad(learning_rate, initial_accumulator_value: Positive = 0.1, use_locking: bool = False, name="Adagrad"):
    """Adagrad with TensorFlow 1's update, which adds no epsilon.

    Args:
        learning_rate: step size.
        initial_accumulator_value: where the sums of squared gradients start.
        use_locking: accepted for old files and without effect, as in the original.
        name: of the optimizer's variables.
    """
    return keras.optimizers.Adagrad(float(learning_rate), initial_accumulator_value, epsilon=0.0, name=name)


@optimizer("AdadeltaOptimizer")
def adadelta(learning_rate, rho: Decay = 0.95, epsilon: Epsilon = 1e-8, use_locking: bool = False, name="Adadelta"):
    """Adadelta with TensorFlow 1's epsilon.

    Args:
        learning_rate: factor of the updates.
        rho: decay of the means of squared gradients and of squared updates.
        epsilon: added to these means.
        use_locking: accepted for old files and without effect, as in the original.
        name: of the optimizer's variables.
    """
    return keras.optimizers.Adadelta(float(learning_rate), rho=rho, epsilon=epsilon, name=name)


@optimizer("FtrlOptimizer")
def ftrl(
    learning_rate,
    learning_rate_power: Annotated[float, Range(-10, 0)] = -0.5,
    initial_accumulator_value: NonNegative = 0.1,
    l1_regularization_strength: NonNegative = 0.0,
    l2_regularization_strength: NonNegative = 0.0,
    use_locking: bool = False,
    accum_name: without_effect(str) | None = None,
    linear_name: without_effect(str) | None = None,
    l2_shrinkage_regularization_strength: NonNegative = 0.0,
    name="Ftrl",
):
    """FTRL-proximal with TensorFlow 1's defaults.

    Args:
        learning_rate: step size.
        learning_rate_power: exponent by which the step size falls with the sums of squared gradients, 0 or less.
        initial_accumulator_value: where these sums start.
        l1_regularization_strength: weight of the L1 norm.
        l2_regularization_strength: weight of the squared L2 norm.
        use_locking: accepted for old files and without effect, as in the original.
        accum_name: accepted for old files and without effect.
        linear_name: accepted for old files and without effect.
        l2_shrinkage_regularization_strength: weight of a squared L2 norm that acts on the gradients alone.
        name: of the optimizer's variables.
    """
    return keras.optimizers.Ftrl(
        float(learning_rate),
        learning_rate_power=learning_rate_power,
        initial_accumulator_value=initial_accumulator_value,
        l1_regularization_strength=l1_regularization_strength,
        l2_regularization_strength=l2_regularization_strength,
        l2_shrinkage_regularization_strength=l2_shrinkage_regularization_strength,
        name=name,
    )


_CONSTANT = (
    "learning rates are constant, as in the original, which passes no step to schedules: bind ModularGAN.g_lr, and for "
    "a schedule ModularGAN.burn_in = @burn_in()"
)
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
