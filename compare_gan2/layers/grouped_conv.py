"""Convolutions in groups of channels, without bias, whose kernels start at a variance that their inputs give."""

import math

import keras

from compare_gan2.layers.resampling import conv
from compare_gan2.layers.weighted import KernelLayer


@keras.saving.register_keras_serializable("compare_gan2")
class GroupedConv2D(KernelLayer):
    """[N, H, W, in] -> [N, H, W, units]: outputs of a group see its inputs alone; kernel [k, k, in/groups, units].

    The kernel starts from normal values of deviation gain / sqrt(k * k * in / groups) (He et al. 2015).

    Args:
        units: output channels, a multiple of `groups`.
        kernel_size: side of the square kernel.
        groups: parts that inputs and outputs are cut into.
        gain: see above; 0 starts from zeros.
        **kwargs: arguments of `keras.layers.Layer`.

    Raises:
        ValueError: for channels that the groups do not divide.

    Example:
        >>> GroupedConv2D(6, kernel_size=3, groups=3)(tf.ones([2, 4, 4, 9])).shape
        TensorShape([2, 4, 4, 6])
    """

    def __init__(self, units, kernel_size=1, groups=1, gain=1.0, **kwargs):
        kwargs |= {"use_bias": False, "initializer": "unit_normal", "power_iteration": None}
        super().__init__(units, **kwargs)
        self.kernel_size = kernel_size
        self.groups = groups
        self.gain = gain

    def build(self, input_shape):
        if input_shape[-1] % self.groups or self.units % self.groups:
            raise ValueError(
                f"{self.name}: {self.groups} groups divide neither {input_shape[-1]} nor {self.units} channels evenly"
            )
        inputs = self.kernel_size**2 * input_shape[-1] // self.groups
        shape = (self.kernel_size, self.kernel_size, input_shape[-1] // self.groups, self.units)
        self.add_kernel(shape, self.gain / math.sqrt(inputs))

    def call(self, inputs, training=False):
        return conv(inputs, self.normalized_kernel(training))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        return {**super().get_config(), "kernel_size": self.kernel_size, "groups": self.groups, "gain": self.gain}
