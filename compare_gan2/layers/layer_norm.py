"""Layer norm (Ba et al. 2016) of feature maps."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("compare_gan2")
class LayerNorm(keras.layers.Layer):
    """[N, ..., C] -> the same shape: each example standardised, then scaled and shifted per channel.

    Mean and variance are taken over all axes but the first. 1e-12 is added to the variance, as in the original; gain
    and offset [C] are trained from 1 and 0.

    Example:
        >>> LayerNorm()(tf.constant([[1.0, 3.0]])).numpy().round(3).tolist()
        [[-1.0, 1.0]]
    """

    def build(self, input_shape):
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        values = tf.cast(inputs, tf.float32)
        mean, variance = tf.nn.moments(values, list(range(1, values.shape.rank)), keepdims=True)
        factor = tf.math.rsqrt(variance + 1e-12) * tf.cast(self.gamma, tf.float32)  # [N, 1, 1, C]
        return tf.cast(values * factor + (tf.cast(self.beta, tf.float32) - mean * factor), inputs.dtype)
