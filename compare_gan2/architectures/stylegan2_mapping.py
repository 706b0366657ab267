"""The mapping network of StyleGAN2, from latents and labels to w, and the average of w, for truncation."""

import keras
import tensorflow as tf

from compare_gan2.distribution.cross_replica import mean_over_replicas, num_replicas
from compare_gan2.layers.equalized import EqualizedDense

SLOPE, GAIN = 0.2, 2.0**0.5
RATE = 0.01  # learning rate of the mapping network, relative to that of the others (Karras et al. 2019, appendix C)


def activated(inputs):
    """Leaky ReLU, times sqrt 2."""
    return GAIN * tf.nn.leaky_relu(inputs, SLOPE)


class Mapping(keras.layers.Layer):
    """(latents [N, z_dim] or None, labels [N, num_classes] or None) -> w [N, width].

    Both are scaled to a mean square of 1, labels after a linear map, and pass through dense layers together.

    Args:
        width: of w.
        depth: dense layers.
        average_decay: weight of the old average of w in a training step; None keeps no average.
    """

    def __init__(self, width, depth, average_decay=None, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.average_decay = average_decay
        self.embed = None  # made in `build`, when it is known whether there are labels
        self.layers = [EqualizedDense(width, rate=RATE, name=f"fc{i}", dtype=self.dtype_policy) for i in range(depth)]

    def build(self, latents_shape=None, labels_shape=None):
        if labels_shape is not None:
            self.embed = EqualizedDense(self.width, name="embed", dtype=self.dtype_policy)
        if self.average_decay is not None:
            fixed = {"trainable": False, "dtype": "float32", "autocast": False, "aggregation": "mean"}
            self.w_avg = self.add_weight(name="w_avg", shape=(self.width,), initializer="zeros", **fixed)

    def call(self, latents, labels=None, training=False):
        parts = [] if latents is None else [_normalized(latents)]
        if self.embed is not None:
            parts.append(_normalized(self.embed(labels)))
        outputs = tf.cast(tf.concat(parts, 1), self.compute_dtype)
        for layer in self.layers:
            outputs = activated(layer(outputs))
        if training and self.average_decay is not None:
            self._update_average(outputs)
        return outputs

    def truncated(self, latents, psi):
        """w [N, width] moved towards its average: average + psi * (w - average); psi is a scalar or [N]."""
        average = tf.cast(tf.convert_to_tensor(self.w_avg), latents.dtype)
        return average + tf.reshape(tf.cast(psi, latents.dtype), [-1, 1]) * (latents - average)

    def _update_average(self, outputs):
        mean = tf.reduce_mean(tf.cast(outputs, tf.float32), 0)
        if num_replicas() > 1:
            (mean,) = mean_over_replicas([mean], None)
        self.w_avg.assign_sub((1.0 - self.average_decay) * (tf.convert_to_tensor(self.w_avg) - mean))


def _normalized(vectors):
    """float32 vectors with a mean square of 1."""
    vectors = tf.cast(vectors, tf.float32)
    return vectors * tf.math.rsqrt(tf.reduce_mean(tf.square(vectors), axis=1, keepdims=True) + 1e-8)
