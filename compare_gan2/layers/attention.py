"""Self-attention over positions (Zhang et al. 2018, SAGAN; Wang et al. 2018)."""

import keras
import tensorflow as tf

from compare_gan2.layers.resampling import max_pool
from compare_gan2.layers.weighted import Conv2D

_BLOCK = 65536  # weights of one image at a time, as 64 queries of 1,024 keys: what a batch's then takes fits a cache


@keras.saving.register_keras_serializable("compare_gan2")
class NonLocalBlock(keras.layers.Layer):
    """[N, H, W, C] -> the same shape: x + sigma * attention(x), with a trained sigma that starts at 0.

    C must be at least 8, H and W even. All convolutions are 1x1 without bias.
    """

    def __init__(self, initializer="normal", power_iteration=None, **kwargs):
        super().__init__(**kwargs)
        self.initializer = initializer
        self.power_iteration = power_iteration

    def build(self, input_shape):
        channels = input_shape[-1]
        if channels < 8:
            raise ValueError(f"attention needs at least 8 channels, got {channels}: raise the width (ch)")
        shared = {"kernel_size": 1, "use_bias": False}
        shared |= {"initializer": self.initializer, "power_iteration": self.power_iteration, "dtype": self.dtype_policy}
        self.theta = Conv2D(channels // 8, name="conv2d_theta", **shared)
        self.phi = Conv2D(channels // 8, name="conv2d_phi", **shared)
        self.g = Conv2D(channels // 2, name="conv2d_g", **shared)
        self.attn_g = Conv2D(channels, name="conv2d_attn_g", **shared)
        for layer in (self.theta, self.phi, self.g):
            layer.build(input_shape)
        self.sigma = self.add_weight(name="sigma", shape=(), initializer="zeros")
        self.attn_g.build((*input_shape[:-1], channels // 2))

    def call(self, inputs, training=False):
        _, height, width, channels = inputs.shape
        positions = height * width
        theta = tf.reshape(self.theta(inputs, training=training), [-1, positions, channels // 8])
        phi = self._flat_pooled(self.phi(inputs, training=training))  # [N, HW/4, C/8]
        values = self._flat_pooled(self.g(inputs, training=training))  # [N, HW/4, C/2]
        attended = tf.reshape(attend(theta, phi, values), [-1, height, width, channels // 2])
        return inputs + tf.convert_to_tensor(self.sigma) * self.attn_g(attended, training=training)

    def _flat_pooled(self, inputs):
        pooled = max_pool(inputs)
        return tf.reshape(pooled, [-1, pooled.shape[1] * pooled.shape[2], pooled.shape[3]])

    def get_config(self):
        return {**super().get_config(), "initializer": self.initializer, "power_iteration": self.power_iteration}


@tf.custom_gradient
def attend(queries, keys, values):
    """[N, P, A], [N, R, A], [N, R, B] -> [N, P, B]: values averaged with the weights softmax(queries keys^T).

    The weights, [N, P, R], are never held whole: blocks of queries are attended one by one, and again in the gradient
    (Dao et al. 2022, FlashAttention, section 3.1). There, the softmax subtracts from each row of the weights' gradient
    its mean under the weights, which is the inner product of the output and its gradient (appendix B.2); one more
    column of the matrix product does that.
    """
    rows, last = max(1, _BLOCK // keys.shape[1]), queries.shape[1]
    sizes = [min(rows, last - start) for start in range(0, last, rows)]
    blocks = tf.split(queries, sizes, axis=1)
    outputs = tf.concat([tf.matmul(_weights(block, keys), values) for block in blocks], axis=1)

    def gradient(by_outputs):
        means = tf.reduce_sum(tf.cast(by_outputs, tf.float32) * tf.cast(outputs, tf.float32), -1, keepdims=True)
        columns = _columns(-means, by_outputs.dtype)
        by_and_means = tf.concat([by_outputs, *columns], -1)
        values_and_ones = tf.concat([values, *[tf.ones_like(values[..., :1])] * len(columns)], -1)
        by_blocks = zip(blocks, tf.split(by_and_means, sizes, axis=1), tf.split(by_outputs, sizes, axis=1), strict=True)
        parts = [_block_gradients(block, keys, values_and_ones, *by) for block, *by in by_blocks]
        by_queries, by_keys, by_values = zip(*parts, strict=True)
        return tf.concat(by_queries, axis=1), _sum(by_keys), _sum(by_values)

    return outputs, gradient


def _weights(queries, keys):
    """The softmax in float32, of scores that were never less: both arguments are thin, so that it costs nothing."""
    scores = tf.matmul(tf.cast(queries, tf.float32), tf.cast(keys, tf.float32), transpose_b=True)
    return tf.cast(tf.nn.softmax(scores), keys.dtype)


def _columns(values, dtype):
    """Columns of a type that add up to float32 values: one in float32, in bfloat16 the rounded value and its error."""
    if dtype == tf.float32:
        return [values]
    rounded = tf.cast(values, dtype)
    return [rounded, tf.cast(values - tf.cast(rounded, tf.float32), dtype)]


def _block_gradients(queries, keys, values_and_ones, by_and_means, by_outputs):
    weights = _weights(queries, keys)
    by_scores = weights * tf.matmul(by_and_means, values_and_ones, transpose_b=True)
    by_keys = tf.matmul(by_scores, queries, transpose_a=True)
    return tf.matmul(by_scores, keys), by_keys, tf.matmul(weights, by_outputs, transpose_a=True)


def _sum(parts):
    """The sum of equal arrays, taken in float32: many in bfloat16 would lose the later ones."""
    return tf.cast(tf.add_n([tf.cast(part, tf.float32) for part in parts]), parts[0].dtype)
