"""Layers that hold a kernel: dense, convolution, transposed convolution, class projection.

`power_iteration` turns spectral norm on: None, or the arguments of `SpectralNorm` as a dict. The stored kernel is never
changed by the norm; it is divided at each use.
"""

import contextlib

import keras
import tensorflow as tf

from compare_gan2.layers.initializers import kernel_initializer
from compare_gan2.layers.resampling import conv, conv_mean_pool, unpool_conv
from compare_gan2.layers.spectral_norm import SpectralNorm


class KernelLayer(keras.layers.Layer):
    """What all of them share: kernel, bias, spectral norm and their configuration."""

    def __init__(self, units, use_bias=True, initializer="normal", power_iteration=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.use_bias = use_bias
        self.initializer = initializer
        self.power_iteration = power_iteration
        # Named "kernel" so that its vector is at KERNEL/u_var, where the original's checkpoints have it.
        self.spectral_norm = SpectralNorm(**power_iteration, name="kernel") if power_iteration is not None else None
        self.folded = False  # whether the kernel is divided already

    def add_kernel(self, shape):
        # autocast=False: spectral norm works on the float32 kernel, also under a mixed policy.
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_start(), autocast=False)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        if self.spectral_norm is not None:
            self.spectral_norm.build(shape)

    def kernel_start(self):
        """A new Keras initialiser for the kernel."""
        return kernel_initializer(self.initializer)

    def normalized_kernel(self, training):
        return tf.cast(self.normalized_kernel_in_float32(training), self.compute_dtype)

    def normalized_kernel_in_float32(self, training):
        kernel = tf.convert_to_tensor(self.kernel)
        if self.spectral_norm is not None and not self.folded:
            kernel = self.spectral_norm(kernel, training=training)
        return kernel

    def fold(self):
        """Divides the kernel once and for all, so that inference need not; a layer that trains must not be folded."""
        if self.spectral_norm is not None and not self.folded:
            self.kernel.assign(self.normalized_kernel_in_float32(training=False))
            self.folded = True

    def with_bias(self, outputs):
        return tf.nn.bias_add(outputs, tf.convert_to_tensor(self.bias)) if self.use_bias else outputs

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "use_bias": self.use_bias,
            "initializer": self.initializer,
            "power_iteration": self.power_iteration,
        }


@contextlib.contextmanager
def folding(model):
    """Within it, all kernels inside a model get new values; when it ends, they are folded, see `KernelLayer.fold`."""
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, KernelLayer)]
    for layer in layers:
        layer.folded = False
    yield
    for layer in layers:
        layer.fold()


@keras.saving.register_keras_serializable("compare_gan2")
class Dense(KernelLayer):
    """[N, in] -> [N, units]."""

    def build(self, input_shape):
        self.add_kernel((input_shape[-1], self.units))

    def call(self, inputs, training=False):
        return self.with_bias(tf.matmul(inputs, self.normalized_kernel(training)))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


@keras.saving.register_keras_serializable("compare_gan2")
class Conv2D(KernelLayer):
    """[N, H, W, in] -> [N, H', W', units], SAME padding.

    Args:
        units: output channels.
        kernel_size: side of the square kernel.
        strides: step of the window; 1 when resampling.
        resample: "up" inserts zeros before the convolution (twice the side), "down" averages 2x2 after it (half the
            side), None keeps the size.
    """

    def __init__(self, units, kernel_size=3, strides=1, resample=None, **kwargs):
        super().__init__(units, **kwargs)
        if resample not in (None, "up", "down") or (resample and (strides != 1 or kernel_size not in (1, 3))):
            raise ValueError(
                f"Conv2D: resample must be None, 'up' or 'down', the latter two with strides 1 and kernel_size 1 or 3; "
                f"got resample={resample!r}, strides={strides}, kernel_size={kernel_size}"
            )
        self.kernel_size = kernel_size
        self.strides = strides
        self.resample = resample

    def build(self, input_shape):
        self.add_kernel((self.kernel_size, self.kernel_size, input_shape[-1], self.units))

    def call(self, inputs, training=False):
        kernel = self.normalized_kernel(training)
        if self.resample == "up":
            return self.with_bias(unpool_conv(inputs, kernel))
        if self.resample == "down":
            return self.with_bias(conv_mean_pool(inputs, kernel))
        return self.with_bias(conv(inputs, kernel, self.strides))

    def compute_output_shape(self, input_shape):
        count, height, width, _ = input_shape
        if self.resample == "up":
            return (count, 2 * height, 2 * width, self.units)
        step = 2 if self.resample == "down" else self.strides
        return (count, -(-height // step), -(-width // step), self.units)

    def get_config(self):
        own = {"kernel_size": self.kernel_size, "strides": self.strides, "resample": self.resample}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("compare_gan2")
class Conv2DTranspose(KernelLayer):
    """[N, h, w, in] -> [N, H, W, units], SAME padding; the output size is given, so odd sizes are possible.

    Args:
        units: output channels.
        output_size: (H, W) with ceil(H / strides) = h.
        kernel_size: side of the square kernel, stored as [side, side, units, in].
        strides: factor by which the side grows.
    """

    def __init__(self, units, output_size, kernel_size=4, strides=2, **kwargs):
        super().__init__(units, **kwargs)
        self.output_size = tuple(output_size)
        self.kernel_size = kernel_size
        self.strides = strides

    def build(self, input_shape):
        self.add_kernel((self.kernel_size, self.kernel_size, self.units, input_shape[-1]))

    def call(self, inputs, training=False):
        shape = [tf.shape(inputs)[0], *self.output_size, self.units]
        outputs = tf.nn.conv2d_transpose(inputs, self.normalized_kernel(training), shape, self.strides, "SAME")
        return self.with_bias(tf.ensure_shape(outputs, [None, *self.output_size, self.units]))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.output_size, self.units)

    def get_config(self):
        own = {"output_size": self.output_size, "kernel_size": self.kernel_size, "strides": self.strides}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("compare_gan2")
class ClassProjection(KernelLayer):
    """(labels [N, classes], features [N, F]) -> [N, 1]: the inner product of a class embedding with the features.

    The class term of a projection discriminator (Miyato & Koyama 2018). `units` is F; kernel [classes, F], no bias.
    """

    def __init__(self, units, initializer="glorot_normal", power_iteration=None, **kwargs):
        kwargs.pop("use_bias", None)
        super().__init__(units, use_bias=False, initializer=initializer, power_iteration=power_iteration, **kwargs)

    def build(self, labels_shape, features_shape):
        self.add_kernel((labels_shape[-1], self.units))

    def call(self, labels, features, training=False):
        embedding = tf.matmul(labels, self.normalized_kernel(training))  # [N, F]
        return tf.reduce_sum(embedding * features, axis=1, keepdims=True)

    def compute_output_shape(self, labels_shape, features_shape):
        return (labels_shape[0], 1)
