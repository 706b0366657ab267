"""Linear maps without bias, whose kernels start at a variance that their inputs give."""

import math

import keras
import tensorflow as tf

from compare_gan2.layers.weighted import KernelLayer


@keras.saving.register_keras_serializable("compare_gan2")
class ScaledDense(KernelLayer):
    """[N, in] -> [N, units]: linear map without bias; its kernel starts with deviation gain / sqrt(in).

    Args:
        units: outputs.
        gain: see above.
        **kwargs: arguments of `keras.layers.Layer`.

    Example:
        >>> ScaledDense(5)(tf.ones([2, 3])).shape
        TensorShape([2, 5])
    """

    def __init__(self, units, gain=1.0, **kwargs):
        kwargs |= {"use_bias": False, "initializer": "unit_normal", "power_iteration": None}
        super().__init__(units, **kwargs)
        self.gain = gain

    def build(self, input_shape):
        self.add_kernel((input_shape[-1], self.units), self.gain / math.sqrt(input_shape[-1]))

    def call(self, inputs, training=False):
        return tf.matmul(inputs, self.normalized_kernel(training))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {**super().get_config(), "gain": self.gain}
