"""Standing statistics: sums of batch moments that batch norm uses at inference when it keeps no moving averages."""

import contextlib

import keras
import tensorflow as tf

from compare_gan2.layers.inner_layers import inner_layers


class Accumulators(keras.layers.Layer):
    """Sums [C] of the means and variances of batches, and the number of batches (Brock et al. 2019).

    The layer is named "accu" inside a batch norm, as in the original's checkpoints. `accumulating` switches it on.

    Example:
        >>> sums = Accumulators()
        >>> sums.build((None, 2))
        >>> sums.add([1.0, 2.0], [3.0, 4.0])
        >>> [value.numpy().tolist() for value in sums.averages()]
        [[1.0, 2.0], [3.0, 4.0]]
    """

    def build(self, input_shape):
        channels = input_shape[-1]
        fixed = {"trainable": False, "dtype": "float32", "autocast": False, "aggregation": "mean"}
        self.accu_mean = self.add_weight(name="accu_mean", shape=(channels,), initializer="zeros", **fixed)
        self.accu_variance = self.add_weight(name="accu_variance", shape=(channels,), initializer="zeros", **fixed)
        # Not 0, so that averages before the first batch are 0 and not NaN.
        start = keras.initializers.Constant(1e-12)
        self.accu_counter = self.add_weight(name="accu_counter", shape=(), initializer=start, **fixed)
        self.accumulating = False

    def add(self, mean, variance):
        """Adds the moments [C] of one batch."""
        self.accu_mean.assign_add(mean)
        self.accu_variance.assign_add(variance)
        self.accu_counter.assign_add(1.0)

    def averages(self):
        """(mean [C], variance [C]) over the batches so far; zeros before the first."""
        count = tf.convert_to_tensor(self.accu_counter)
        return tf.convert_to_tensor(self.accu_mean) / count, tf.convert_to_tensor(self.accu_variance) / count

    def reset(self):
        """Returns to the state before the first batch."""
        self.accu_mean.assign(tf.zeros_like(self.accu_mean))
        self.accu_variance.assign(tf.zeros_like(self.accu_variance))
        self.accu_counter.assign(1e-12)


def accumulators(model):
    """List of all `Accumulators` inside a model, in a fixed order; empty if its batch norms keep moving averages."""
    return inner_layers(model, Accumulators)


@contextlib.contextmanager
def accumulating(model):
    """Context manager: inference adds each batch's moments to the accumulators of a model.

    A function of the model that was traced outside must be traced again inside, and the other way round.
    """
    for layer in accumulators(model):
        layer.accumulating = True
    try:
        yield
    finally:
        for layer in accumulators(model):
            layer.accumulating = False
