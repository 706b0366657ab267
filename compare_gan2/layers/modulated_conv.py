"""Convolutions whose kernel is scaled by a style of each example (Karras et al. 2020, StyleGAN2, section 2.2)."""

import keras
import tensorflow as tf

from compare_gan2.layers.equalized import EqualizedDense, EqualizedLayer
from compare_gan2.layers.filtered_resampling import filtered_up_conv
from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.resampling import conv

EPSILON = 1e-8


@keras.saving.register_keras_serializable("compare_gan2")
class ModulatedConv2D(EqualizedLayer):
    """([N, H, W, in], latents [N, w]) -> [N, H', W', units]: styles, linear in the latents, scale the input channels.

    With `demodulate` each output channel is divided by the norm of its scaled kernel, and noise is added: an image of
    noise times a trained strength, which starts at 0.

    Args:
        units: output channels.
        kernel_size: side of the square kernel.
        up: double the side: zeros between pixels before, the filter of `filtered_resampling` after the convolution.
        demodulate: see above; False for the layers that make colours.
        **kwargs: arguments of `EqualizedLayer`.

    Example:
        >>> ModulatedConv2D(5, up=True)(tf.ones([2, 6, 6, 3]), tf.ones([2, 7])).shape
        TensorShape([2, 12, 12, 5])
    """

    def __init__(self, units, kernel_size=3, up=False, demodulate=True, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_size = kernel_size
        self.up = up
        self.demodulate = demodulate
        self.affine = None  # made in `build`, when the number of inputs is known

    def build(self, inputs_shape, latents_shape):
        _, height, width, channels = inputs_shape
        self.add_equalized((self.kernel_size, self.kernel_size, channels, self.units))
        self.affine = EqualizedDense(channels, start=1.0, name="affine", dtype=self.dtype_policy)
        self.affine.build(latents_shape)
        if self.demodulate:
            step = 2 if self.up else 1
            self.noise_strength = self.add_weight(name="noise_strength", shape=(), initializer="zeros")
            self.noise_const = self.add_weight(
                name="noise_const",
                shape=(step * height, step * width),
                initializer=initializer("unit_normal", f"{self.path}/noise_const"),
                trainable=False,
                autocast=False,
            )

    def call(self, inputs, latents, noise=None, training=False):
        """Outputs; `noise` [N, H', W'] takes the place of the fixed noise, the same for all examples."""
        style = self.affine(latents, training=training)
        if not self.demodulate:
            style *= self.scale
            return self.with_bias(conv(inputs * style[:, None, None, :], self.normalized_kernel(training)))
        # Scaling inputs and outputs is scaling the kernel, and one convolution serves all examples.
        outputs = inputs * style[:, None, None, :]
        kernel = self.normalized_kernel(training)
        outputs = filtered_up_conv(outputs, kernel) if self.up else conv(outputs, kernel)
        outputs *= tf.cast(self._factors(style), outputs.dtype)[:, None, None, :]
        noise = tf.convert_to_tensor(self.noise_const)[None] if noise is None else noise
        outputs += tf.cast(noise, outputs.dtype)[..., None] * tf.convert_to_tensor(self.noise_strength)
        return self.with_bias(outputs)

    def _factors(self, style):
        """[N, units]: 1 over the norm of each output channel's kernel, scaled by the style."""
        squares = tf.reduce_sum(tf.square(self.normalized_kernel_in_float32(training=False)), [0, 1])  # [in, units]
        return tf.math.rsqrt(tf.matmul(tf.square(tf.cast(style, tf.float32)), squares) + EPSILON)

    def compute_output_shape(self, inputs_shape, latents_shape):
        count, height, width, _ = inputs_shape
        step = 2 if self.up else 1
        return (count, step * height, step * width, self.units)

    def get_config(self):
        own = {"kernel_size": self.kernel_size, "up": self.up, "demodulate": self.demodulate}
        return {**super().get_config(), **own}
