"""Weight norm (Salimans & Kingma 2016): a kernel is a direction of length 1 times a gain per output channel.

Bound by `G.weight_norm` and `D.weight_norm`. Gains and biases are initialised from the first batch of training
(section 3 of the paper), such that on it every output channel has mean 0 and standard deviation
`weight_norm.init_scale`.
"""

import contextlib
import dataclasses

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.matching import check_fields
from compare_gan2.config.ranges import Positive
from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.weighted import Conv2D, Conv2DTranspose, Dense, KernelLayer


@configurable("weight_norm", module="compare_gan.architectures.arch_ops")
@dataclasses.dataclass(frozen=True)
class WeightNorm:
    """Settings of weight norm.

    Attributes:
        init_scale: standard deviation of each layer's outputs on the batch that initialises it.
    """

    init_scale: Positive = 1.0

    def __post_init__(self):
        check_fields(self)


class WeightNormalized(KernelLayer):
    """Base of the weight-normalised layers: direction `V`, gain `g` and bias `b`, the original's names.

    Gains are 1 and biases 0 until a call inside `initializing` sets them.

    Args:
        init_scale: see `WeightNorm`.
    """

    output_axis = -1  # of the kernel
    epsilon = 1e-8  # added to the variance of the first outputs

    def __init__(self, units, *args, init_scale=1.0, **kwargs):
        for fixed in ("use_bias", "initializer", "power_iteration"):  # not options of these layers
            kwargs.pop(fixed, None)
        super().__init__(units, *args, initializer="truncated", **kwargs)
        self.init_scale = init_scale
        self.initializing = False

    def add_kernel(self, shape):
        # Not named kernel: the L2 penalty of the original counts kernels only.
        start = initializer(self.initializer, f"{self.path}/V")
        self.direction = self.add_weight(name="V", shape=shape, initializer=start, autocast=False)
        self.gain = self.add_weight(name="g", shape=(self.units,), initializer="ones", autocast=False)
        self.bias = self.add_weight(name="b", shape=(self.units,), initializer="zeros")

    def normalized_kernel(self, training):
        direction = tf.convert_to_tensor(self.direction)
        rank, output_axis = direction.shape.rank, self.output_axis % direction.shape.rank
        others = [axis for axis in range(rank) if axis != output_axis]
        gain = tf.reshape(self.gain, [self.units if axis == output_axis else 1 for axis in range(rank)])
        return tf.cast(gain * tf.math.l2_normalize(direction, others), self.compute_dtype)

    def call(self, inputs, training=False):
        if not self.initializing:
            return super().call(inputs, training=training)
        self.gain.assign(tf.ones_like(self.gain))
        self.bias.assign(tf.zeros_like(self.bias))
        outputs = super().call(inputs, training=training)
        mean, variance = tf.nn.moments(tf.cast(outputs, tf.float32), list(range(outputs.shape.rank - 1)))
        gain = self.init_scale * tf.math.rsqrt(variance + self.epsilon)
        self.gain.assign(gain)
        self.bias.assign(-mean * gain)
        self.initializing = False  # a second call of the network, such as a penalty's, must not set them again
        return (outputs - tf.cast(mean, outputs.dtype)) * tf.cast(gain, outputs.dtype)

    def get_config(self):
        return {**super().get_config(), "init_scale": self.init_scale}


@contextlib.contextmanager
def initializing(*models):
    """Context manager: the next call of each weight-normalised layer sets its gain and bias from its inputs.

    Call the models eagerly inside: a traced call would initialise at every step.
    """
    layers = [layer for model in models for layer in inner_layers(model, WeightNormalized)]
    for layer in layers:
        layer.initializing = True
    try:
        yield
    finally:
        for layer in layers:
            layer.initializing = False


@keras.saving.register_keras_serializable("compare_gan2")
class WeightNormDense(WeightNormalized, Dense):
    """[N, in] -> [N, units]: linear map with weight norm.

    Args:
        units: outputs.
        init_scale: see `WeightNorm`.

    Example:
        >>> WeightNormDense(5)(tf.ones([2, 3])).shape
        TensorShape([2, 5])
    """

    epsilon = 1e-10


@keras.saving.register_keras_serializable("compare_gan2")
class WeightNormConv2D(WeightNormalized, Conv2D):
    """[N, H, W, in] -> [N, H', W', units]: `Conv2D` with weight norm, and with its arguments but for spectral norm.

    Example:
        >>> WeightNormConv2D(5, kernel_size=4, strides=2)(tf.ones([2, 6, 6, 3])).shape
        TensorShape([2, 3, 3, 5])
    """


@keras.saving.register_keras_serializable("compare_gan2")
class WeightNormConv2DTranspose(WeightNormalized, Conv2DTranspose):
    """[N, h, w, in] -> [N, H, W, units]: `Conv2DTranspose` with weight norm; direction [side, side, units, in].

    Example:
        >>> WeightNormConv2DTranspose(5, output_size=(12, 12))(tf.ones([2, 6, 6, 3])).shape
        TensorShape([2, 12, 12, 5])
    """

    output_axis = -2
