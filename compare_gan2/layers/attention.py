"""Self-attention over positions (Zhang et al. 2019, SAGAN, section 3; Wang et al. 2018)."""

import keras
import tensorflow as tf

from compare_gan2.layers.resampling import max_pool
from compare_gan2.layers.weighted import Conv2D

_BLOCK = 65536  # attention weights per block and image, 64 queries x 1,024 keys: those of a batch then fit a cache


@keras.saving.register_keras_serializable("compare_gan2")
class NonLocalBlock(keras.layers.Layer):
    """[N, H, W, C] -> [N, H, W, C]: x + sigma * attention(x), with a trained scalar sigma that starts at 0.

    Queries have C/8 channels, keys C/8 and values C/2; keys and values are max-pooled to half the side. All
    convolutions are 1x1 without bias. C must be at least 8, H and W even.

    Args:
        initializer: key of `INITIALIZERS` for the four kernels.
        power_iteration: arguments of `SpectralNorm` as a dict; None for no spectral norm.

    Raises:
        ValueError: if the inputs have fewer than 8 channels.

    Example:
        >>> NonLocalBlock()(tf.ones([2, 4, 4, 16])).shape
        TensorShape([2, 4, 4, 16])
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

    The weights [N, P, R] are never in memory as a whole: queries are attended block by block, in the gradient as well
    (Dao et al. 2022, FlashAttention, section 3.1). The gradient of a softmax subtracts from each row of the weights'
    gradient its mean under the weights, which equals the inner product of the output and its gradient (appendix B.2);
    an additional column of the matrix product does that.
    """
    rows, last = max(1, _BLOCK // keys.shape[1]), queries.shape[1]
    sizes = [min(rows, last - start) for start in range(0, last, rows)]
    blocks = tf.split(queries, sizes, axis=1)
    attended = []
    for block in blocks:
        with tf.control_dependencies(attended[-1:]):  # else a graph computes the weights of all blocks first
            attended.append(tf.matmul(_weights(block, keys), values))
    outputs = tf.concat(attended, axis=1)

    def gradient(by_outputs):
        means = tf.reduce_sum(tf.cast(by_outputs, tf.float32) * tf.cast(outputs, tf.float32), -1, keepdims=True)
        columns = _columns(-means, by_outputs.dtype)
        by_and_means = tf.concat([by_outputs, *columns], -1)
        values_and_ones = tf.concat([values, *[tf.ones_like(values[..., :1])] * len(columns)], -1)
        by_blocks = zip(blocks, tf.split(by_and_means, sizes, axis=1), tf.split(by_outputs, sizes, axis=1), strict=True)
        by_queries, sums = [], None
        for block, *by in by_blocks:
            # The first waits, too: else a graph computes its weights with those of the forward pass, and keeps them.
            with tf.control_dependencies([by_outputs] if sums is None else sums):
                by_query, *parts = _block_gradients(block, keys, values_and_ones, *by)
                by_queries.append(by_query)
                # In float32: a long sum in bfloat16 would lose its later terms.
                parts = [tf.cast(part, tf.float32) for part in parts]
                sums = parts if sums is None else [total + part for total, part in zip(sums, parts, strict=True)]
        return tf.concat(by_queries, axis=1), *(tf.cast(total, keys.dtype) for total in sums)

    return outputs, gradient


def _weights(queries, keys):
    """Attention weights [N, P, R]; scores and softmax in float32, which is cheap: queries and keys are thin."""
    scores = tf.matmul(tf.cast(queries, tf.float32), tf.cast(keys, tf.float32), transpose_b=True)
    return tf.cast(tf.nn.softmax(scores), keys.dtype)


def _columns(values, dtype):
    """Columns of `dtype` that add up to float32 values: one in float32; rounded value and error in bfloat16."""
    if dtype == tf.float32:
        return [values]
    rounded = tf.cast(values, dtype)
    return [rounded, tf.cast(values - tf.cast(rounded, tf.float32), dtype)]


def _block_gradients(queries, keys, values_and_ones, by_and_means, by_outputs):
    """Gradients by one block of queries, and its parts of the gradients by keys and by values."""
    weights = _weights(queries, keys)
    by_scores = weights * tf.matmul(by_and_means, values_and_ones, transpose_b=True)
    by_keys = tf.matmul(by_scores, queries, transpose_a=True)
    return tf.matmul(by_scores, keys), by_keys, tf.matmul(weights, by_outputs, transpose_a=True)
