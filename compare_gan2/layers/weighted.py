"""Layers with a kernel: dense, convolution, transposed convolution, class projection.

`power_iteration` turns spectral norm on: the arguments of `SpectralNorm` as a dict, or None for none. The stored kernel
is never changed by spectral norm; it is divided at each use.
"""

import contextlib

import keras
import tensorflow as tf

from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.inner_layers import inner_layers
from compare_gan2.layers.resampling import conv, conv_mean_pool, unpool_conv
from compare_gan2.layers.spectral_norm import SpectralNorm


class KernelLayer(keras.layers.Layer):
    """Base of the layers with a kernel: kernel, bias, spectral norm and their configuration.

    Args:
        units: outputs per position.
        use_bias: whether a trained bias, initially 0, is added.
        initializer: key of `INITIALIZERS` for the kernel.
        power_iteration: arguments of `SpectralNorm` as a dict; None for no spectral norm.

    Attributes:
        output_axis: axis of the kernel that counts the outputs.
    """

    output_axis = -1

    def __init__(self, units, use_bias=True, initializer="normal", power_iteration=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.use_bias = use_bias
        self.initializer = initializer
        self.power_iteration = power_iteration
        # Named "kernel" so that its vector is at KERNEL/u_var, where the original's checkpoints have it.
        self.spectral_norm = SpectralNorm(**power_iteration, name="kernel") if power_iteration is not None else None
        self.folded = False  # whether the stored kernel is already divided by sigma

    def add_kernel(self, shape, factor=1.0):
        """Creates the variables for a kernel of this shape, whose initial values are multiplied by `factor`."""
        start = initializer(self.initializer, f"{self.path}/kernel", factor)
        # autocast=False: spectral norm works on the float32 kernel, also under a mixed policy.
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer=start, autocast=False)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        if self.spectral_norm is not None:
            self.spectral_norm.build(shape)

    def normalized_kernel(self, training):
        """Kernel to compute with, in the layer's compute dtype."""
        return tf.cast(self.normalized_kernel_in_float32(training), self.compute_dtype)

    def normalized_kernel_in_float32(self, training):
        """Kernel divided by sigma; the kernel itself without spectral norm or if it is folded."""
        kernel = tf.convert_to_tensor(self.kernel)
        if self.spectral_norm is not None and not self.folded:
            kernel = self.spectral_norm(kernel, training=training)
        return kernel

    def fold(self):
        """Divides the stored kernel by sigma once, so that inference need not; never fold a layer that trains."""
        if self.spectral_norm is not None and not self.folded:
            self.kernel.assign(self.normalized_kernel_in_float32(training=False))
            self.folded = True

    def with_bias(self, outputs):
        """Outputs [..., units] plus the bias, if the layer has one."""
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
    """Context manager: assign new kernels to a model inside; at the end they are folded, see `KernelLayer.fold`."""
    layers = inner_layers(model, KernelLayer)
    for layer in layers:
        layer.folded = False
    yield
    for layer in layers:
        layer.fold()


@keras.saving.register_keras_serializable("compare_gan2")
class Dense(KernelLayer):
    """[N, in] -> [N, units]: linear map; kernel [in, units]. Arguments as of `KernelLayer`.

    Example:
        >>> Dense(5)(tf.ones([2, 3])).shape
        TensorShape([2, 5])
    """

    def build(self, input_shape):
        self.add_kernel((input_shape[-1], self.units))

    def call(self, inputs, training=False):
        return self.with_bias(tf.matmul(inputs, self.normalized_kernel(training)))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


@keras.saving.register_keras_serializable("compare_gan2")
class Conv2D(KernelLayer):
    """[N, H, W, in] -> [N, H', W', units]: convolution with SAME padding; kernel [side, side, in, units].

    Args:
        units: output channels.
        kernel_size: side of the square kernel; 1 or 3 when resampling.
        strides: step of the window, H' = ceil(H / strides); 1 when resampling.
        resample: "up" inserts zeros before the convolution (H' = 2H), "down" averages 2x2 blocks after it
            (H' = ceil(H / 2)), None does neither.
        **kwargs: arguments of `KernelLayer`.

    Raises:
        ValueError: for another `resample`, or one with other strides or kernel sizes.

    Example:
        >>> Conv2D(5, resample="down")(tf.ones([2, 6, 6, 3])).shape
        TensorShape([2, 3, 3, 5])
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
    """[N, h, w, in] -> [N, H, W, units]: transposed convolution with SAME padding; kernel [side, side, units, in].

    Args:
        units: output channels.
        output_size: (H, W) with ceil(H / strides) = h, so that odd sizes are possible.
        kernel_size: side of the square kernel.
        strides: factor by which the side grows.
        **kwargs: arguments of `KernelLayer`.

    Example:
        >>> Conv2DTranspose(5, output_size=(11, 12))(tf.ones([2, 6, 6, 3])).shape
        TensorShape([2, 11, 12, 5])
    """

    output_axis = -2

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
        outputs.set_shape([None, *self.output_size, self.units])  # tf.ensure_shape has no batched form for a Jacobian
        return self.with_bias(outputs)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.output_size, self.units)

    def get_config(self):
        own = {"output_size": self.output_size, "kernel_size": self.kernel_size, "strides": self.strides}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("compare_gan2")
class ClassProjection(KernelLayer):
    """(labels [N, classes], features [N, F]) -> [N, 1]: inner product of a class embedding and the features.

    The class term of a projection discriminator (Miyato & Koyama 2018, section 3). The kernel [classes, F] holds the
    embeddings; there is no bias, so that an unknown label (all zeros) gives 0.

    Args:
        units: F.
        initializer: key of `INITIALIZERS` for the kernel.
        power_iteration: arguments of `SpectralNorm` as a dict; None for no spectral norm.

    Example:
        >>> ClassProjection(4)(tf.eye(3), tf.ones([3, 4])).shape
        TensorShape([3, 1])
    """

    output_axis = 0  # a class has one embedding

    def __init__(self, units, initializer="glorot_normal", power_iteration=None, **kwargs):
        kwargs.pop("use_bias", None)
        super().__init__(units, use_bias=False, initializer=initializer, power_iteration=power_iteration, **kwargs)

    def build(self, labels_shape, features_shape):
        self.add_kernel((labels_shape[-1], self.units))

    def call(self, labels, features, training=False):
        return self.class_term(labels, features, self.normalized_kernel(training))

    @staticmethod
    def class_term(labels, features, kernel):
        """[N, 1] from labels [N, classes], features [N, F] and embeddings [classes, F]."""
        return tf.reduce_sum(tf.matmul(labels, kernel) * features, axis=1, keepdims=True)

    def of_every_class(self, features, training=False):
        """[N, classes]: what a call gives for each class, for features float32 [N, F]; in float32."""
        return tf.matmul(features, self.normalized_kernel_in_float32(training), transpose_b=True)

    def compute_output_shape(self, labels_shape, features_shape):
        return (labels_shape[0], 1)
