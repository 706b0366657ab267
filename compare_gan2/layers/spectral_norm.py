"""Spectral norm (Miyato et al. 2018, section 2.1): a kernel divided by an estimate of its largest singular value."""

import dataclasses
import functools
from typing import Literal

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Epsilon
from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.rematerialization import first_value, is_repeated


@configurable("spectral_norm", module="compare_gan.architectures.arch_ops")
@dataclasses.dataclass(frozen=True)
class PowerIteration:
    """Settings of the estimate of the largest singular value.

    Attributes:
        epsilon: lower bound of a squared norm before its root is taken.
        singular_value: which singular vector is stored between steps: "left" (one entry per row of the flattened
            kernel), "right" (one per column) or "auto" (the shorter one, left if equal).
    """

    epsilon: Epsilon = 1e-12
    singular_value: Literal["left", "right", "auto"] = "left"

    def __post_init__(self):
        check_fields(self)


@keras.saving.register_keras_serializable("compare_gan2")
class SpectralNorm(keras.layers.Layer):
    """Kernel [..., columns] -> kernel / sigma, the same shape: one step of power iteration from the stored vector.

    The kernel is flattened to [rows, columns] (Miyato et al. 2018, appendix A, algorithm 1). The stored vector is
    updated while training only (the original updates it at inference too). Gradients do not flow through the singular
    vectors but do flow through sigma, so that the result has the full gradient of the quotient.

    Args:
        epsilon: see `PowerIteration`.
        singular_value: see `PowerIteration`.

    Raises:
        ValueError: for a kernel of less than 2 dimensions.

    Example:
        >>> SpectralNorm()(3.0 * tf.eye(2)).numpy().round(3).tolist()  # both singular values are 3
        [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, epsilon=1e-12, singular_value="left", **kwargs):
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)  # whatever the policy: bfloat16 is too coarse for sigma
        self.epsilon = epsilon
        self.singular_value = singular_value

    def build(self, kernel_shape):
        if len(kernel_shape) < 2:
            raise ValueError(f"spectral norm needs a kernel of at least 2 dimensions, got shape {kernel_shape}")
        columns = kernel_shape[-1]
        rows = 1
        for size in kernel_shape[:-1]:
            rows *= size
        self.left = self.singular_value == "left" or (self.singular_value == "auto" and rows <= columns)
        self.u_var = keras.Variable(  # add_weight takes no synchronization
            name="u_var",
            dtype="float32",
            autocast=False,
            shape=(rows, 1) if self.left else (1, columns),
            initializer=initializer("unit_normal", f"{self.path}/u_var"),
            trainable=False,
            # Every replica computes the same vector from the same kernel: each keeps a copy, none is exchanged.
            synchronization="on_read",
            aggregation="only_first_replica",
        )

    def call(self, kernel, training=False):
        u = first_value(tf.convert_to_tensor(self.u_var))
        normalized, u = divided_by_sigma(kernel, u, self.left, self.epsilon)
        if training and not is_repeated():
            self.u_var.assign(u)
        return normalized

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon, "singular_value": self.singular_value}


def divided_by_sigma(kernel, u, left, epsilon):
    """(kernel / sigma, u after one step of power iteration).

    sigma = u^T (W v) reuses the product that updates u: two passes over the kernel instead of three.

    Args:
        kernel: [..., columns]; W is the kernel flattened to [rows, columns].
        u: stored singular vector: the left one [rows, 1] if `left`, else the right one [1, columns].
        left: which of the two `u` is.
        epsilon: lower bound of a squared norm before its root is taken.
    """
    if tf.executing_eagerly():
        return _divided_by_sigma(kernel, u, left, epsilon)
    return _traced(tuple(kernel.shape), tuple(u.shape), left, epsilon)(kernel, u)


@functools.cache
def _traced(kernel_shape, u_shape, left, epsilon):
    """`_divided_by_sigma` for these shapes as a function that is traced once, since graphs call it for every kernel."""
    with tf.init_scope():
        function = tf.function(lambda kernel, u: _divided_by_sigma(kernel, u, left, epsilon), autograph=False)
        return function.get_concrete_function(tf.TensorSpec(kernel_shape), tf.TensorSpec(u_shape))


def _divided_by_sigma(kernel, u, left, epsilon):
    matrix = tf.reshape(kernel, [-1, kernel.shape[-1]])
    if left:
        v = tf.stop_gradient(unit(tf.matmul(matrix, u, transpose_a=True), epsilon))  # [columns, 1]
        moved = tf.matmul(matrix, v)  # [rows, 1]
    else:
        v = tf.stop_gradient(unit(tf.matmul(u, matrix, transpose_b=True), epsilon))  # [1, rows]
        moved = tf.matmul(v, matrix)  # [1, columns]
    u = tf.stop_gradient(unit(moved, epsilon))
    # The gradient of a product with the reciprocal passes the kernel twice, that of a quotient four times.
    return kernel * tf.math.reciprocal(tf.reduce_sum(u * moved)), u


def unit(vector, epsilon):
    """The vector scaled to length 1; shorter if its squared norm is below `epsilon`."""
    return vector * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(vector)), epsilon))
