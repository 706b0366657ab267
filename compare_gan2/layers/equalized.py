"""Layers whose kernels have unit variance and are scaled at each use: equal learning rates (Karras et al. 2018, 4.1).

Adam then moves every kernel at the same relative speed, whatever its number of inputs.
"""

import math

import keras
import tensorflow as tf

from compare_gan2.layers.filtered_resampling import filtered_down, filtered_down_conv
from compare_gan2.layers.resampling import conv
from compare_gan2.layers.weighted import KernelLayer


class EqualizedLayer(KernelLayer):
    """Base: a kernel of unit variance, times rate / sqrt(inputs) at each use, and a bias, times the rate.

    Args:
        units: outputs per position.
        use_bias: whether a bias is added.
        rate: learning rate of this layer, relative to the others; the kernel starts with deviation 1 / rate.
        start: value of the bias at the start.
        **kwargs: arguments of `keras.layers.Layer`.
    """

    def __init__(self, units, use_bias=True, rate=1.0, start=0.0, **kwargs):
        kwargs |= {"initializer": "unit_normal", "power_iteration": None}
        super().__init__(units, use_bias=use_bias, **kwargs)
        self.rate = rate
        self.start = start

    def add_equalized(self, shape):
        """Creates kernel and bias; `build` of a subclass calls it."""
        self.add_kernel(shape, 1.0 / self.rate)
        self.scale = self.rate / math.sqrt(math.prod(shape[:-1]))
        if self.use_bias and self.start:
            self.bias.assign(tf.fill(self.bias.shape, float(self.start)))

    def scaled_kernel(self, training=False):
        """Kernel to compute with, in the layer's compute dtype."""
        return tf.cast(self.normalized_kernel_in_float32(training) * self.scale, self.compute_dtype)

    def with_bias(self, outputs):
        return outputs + tf.convert_to_tensor(self.bias) * self.rate if self.use_bias else outputs

    def get_config(self):
        return {**super().get_config(), "rate": self.rate, "start": self.start}


@keras.saving.register_keras_serializable("compare_gan2")
class EqualizedDense(EqualizedLayer):
    """[N, in] -> [N, units]: linear map; kernel [in, units]. Arguments as of `EqualizedLayer`.

    Example:
        >>> EqualizedDense(5, rate=0.01)(tf.ones([2, 3])).shape
        TensorShape([2, 5])
    """

    def build(self, input_shape):
        self.add_equalized((input_shape[-1], self.units))

    def call(self, inputs, training=False):
        return self.with_bias(tf.matmul(inputs, self.scaled_kernel(training)))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


@keras.saving.register_keras_serializable("compare_gan2")
class EqualizedConv2D(EqualizedLayer):
    """[N, H, W, in] -> [N, H', W', units]: convolution with zeros outside; kernel [k, k, in, units].

    Args:
        units: output channels.
        kernel_size: side of the square kernel, 1 or 3.
        down: halve the side, H' = H / 2: the filter of `filtered_resampling`, then stride 2.
        **kwargs: arguments of `EqualizedLayer`.

    Example:
        >>> EqualizedConv2D(5, down=True)(tf.ones([2, 6, 6, 3])).shape
        TensorShape([2, 3, 3, 5])
    """

    def __init__(self, units, kernel_size=3, down=False, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_size = kernel_size
        self.down = down

    def build(self, input_shape):
        self.add_equalized((self.kernel_size, self.kernel_size, input_shape[-1], self.units))

    def call(self, inputs, training=False):
        kernel = self.scaled_kernel(training)
        if not self.down:
            return self.with_bias(conv(inputs, kernel))
        if self.kernel_size == 1:
            return self.with_bias(conv(filtered_down(inputs), kernel))
        return self.with_bias(filtered_down_conv(inputs, kernel))

    def compute_output_shape(self, input_shape):
        count, height, width, _ = input_shape
        step = 2 if self.down else 1
        return (count, height // step, width // step, self.units)

    def get_config(self):
        return {**super().get_config(), "kernel_size": self.kernel_size, "down": self.down}
