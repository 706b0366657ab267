"""Batch normalisation in three parts: moments, where their statistics live, and the gain and offset that follow.

All batch norms are called as `norm(inputs, latents=None, labels=None, training=False)` with inputs [N, C] or
[N, H, W, C] and use from the two vectors what they are made for, so that an architecture need not know which it holds.
In training they normalise with the moments of the whole batch, over all replicas unless told otherwise.
"""

import contextlib
import dataclasses

import keras
import tensorflow as tf

from compare_gan2.configuration import configurable
from compare_gan2.layers.cross_replica import CrossReplicaMoments, mean_over_replicas, num_replicas
from compare_gan2.layers.rematerialization import is_repeated
from compare_gan2.layers.weighted import Dense

ARCH_OPS = "compare_gan.architectures.arch_ops"


@configurable("standardize_batch", module=ARCH_OPS)
@dataclasses.dataclass(frozen=True)
class StandardizeBatch:
    """Settings of every batch norm.

    Attributes:
        decay: of the moving averages.
        epsilon: added to the variance.
        use_moving_averages: True keeps moving averages while training; False keeps nothing while training, and the
            statistics for inference are accumulated from generated samples before scoring (standing statistics).
        use_cross_replica_mean: None and True take moments over all replicas, False over each replica by itself.
    """

    decay: float = 0.999
    epsilon: float = 1e-3
    use_moving_averages: bool = True
    use_cross_replica_mean: bool | None = None


class Accumulators(keras.layers.Layer):
    """Sums of batch moments and their number; named "accu" as in the original's checkpoints."""

    def build(self, input_shape):
        channels = input_shape[-1]
        fixed = {"trainable": False, "dtype": "float32", "autocast": False, "aggregation": "mean"}
        self.accu_mean = self.add_weight(name="accu_mean", shape=(channels,), initializer="zeros", **fixed)
        self.accu_variance = self.add_weight(name="accu_variance", shape=(channels,), initializer="zeros", **fixed)
        self.accu_counter = self.add_weight(
            name="accu_counter", shape=(), initializer=keras.initializers.Constant(1e-12), **fixed
        )
        self.accumulating = False

    def add(self, mean, variance):
        self.accu_mean.assign_add(mean)
        self.accu_variance.assign_add(variance)
        self.accu_counter.assign_add(1.0)

    def averages(self):
        count = tf.convert_to_tensor(self.accu_counter)
        return tf.convert_to_tensor(self.accu_mean) / count, tf.convert_to_tensor(self.accu_variance) / count

    def reset(self):
        """Back to the state before the first sample."""
        self.accu_mean.assign(tf.zeros_like(self.accu_mean))
        self.accu_variance.assign(tf.zeros_like(self.accu_variance))
        self.accu_counter.assign(1e-12)


def accumulators(model):
    """All accumulators inside a model, in a fixed order."""
    return [layer for layer in model._flatten_layers() if isinstance(layer, Accumulators)]


@contextlib.contextmanager
def accumulating(model):
    """Within it, inference adds each batch's moments to the accumulators; trace what runs in it anew."""
    for layer in accumulators(model):
        layer.accumulating = True
    try:
        yield
    finally:
        for layer in accumulators(model):
            layer.accumulating = False


class Standardize(keras.layers.Layer):
    """Base of the batch norms: moments of the batch or their stored statistics; subclasses give gain and offset.

    Arguments are the fields of `StandardizeBatch` and `CrossReplicaMoments`.
    """

    def __init__(self, standardize=None, cross_replica=None, **kwargs):
        super().__init__(**kwargs)
        self.standardize = {**dataclasses.asdict(StandardizeBatch()), **(standardize or {})}
        self.cross_replica = {**dataclasses.asdict(CrossReplicaMoments()), **(cross_replica or {})}

    def add_statistics(self, input_shape):
        if len(input_shape) not in (2, 4):
            raise ValueError(f"batch norm takes inputs of rank 2 or 4, got shape {tuple(input_shape)}")
        channels = input_shape[-1]
        if self.standardize["use_moving_averages"]:
            fixed = {"trainable": False, "dtype": "float32", "autocast": False, "aggregation": "mean"}
            self.moving_mean = self.add_weight(name="moving_mean", shape=(channels,), initializer="zeros", **fixed)
            self.moving_variance = self.add_weight(
                name="moving_variance", shape=(channels,), initializer="ones", **fixed
            )
        else:
            self.accu = Accumulators(name="accu", dtype="float32")
            self.accu.build(input_shape)

    def scale_and_shift(self, inputs, gain, offset, training):
        """inputs standardised, times gain, plus offset; gain and offset [C] or [N, C]."""
        mean, variance = self._statistics(tf.cast(inputs, tf.float32), training)
        # One multiplication and one addition per value instead of four: the rest happens on [C] or [N, C].
        factor = tf.cast(gain, tf.float32) * tf.math.rsqrt(variance + self.standardize["epsilon"])
        shift = tf.cast(offset, tf.float32) - mean * factor
        if factor.shape.rank == 2:
            if inputs.shape.rank == 2 and self.conditional:
                raise ValueError(f"{self.name}: conditional batch norm takes inputs of rank 4, got {inputs.shape}")
            factor, shift = factor[:, None, None, :], shift[:, None, None, :]
        return inputs * tf.cast(factor, inputs.dtype) + tf.cast(shift, inputs.dtype)

    conditional = False
    reads_labels = False  # whether the layer uses `labels`, so that a network can leave out what nothing reads

    def _statistics(self, inputs, training):
        if training:
            mean, variance = self._moments(inputs)
            if self.standardize["use_moving_averages"] and not is_repeated():
                rate = 1.0 - self.standardize["decay"]
                self.moving_mean.assign_sub(rate * (self.moving_mean - mean))
                self.moving_variance.assign_sub(rate * (self.moving_variance - variance))
            return mean, variance
        if self.standardize["use_moving_averages"]:
            return tf.convert_to_tensor(self.moving_mean), tf.convert_to_tensor(self.moving_variance)
        if self.accu.accumulating:
            self.accu.add(*self._moments(inputs))  # this pass already uses the sums that include itself
        return self.accu.averages()

    def _moments(self, inputs):
        mean, square = means(inputs)
        if self.standardize["use_cross_replica_mean"] is not False and num_replicas() > 1:
            group_size = self.cross_replica["group_size"]
            if self.cross_replica["parallel"]:
                mean, square = mean_over_replicas([mean, square], group_size)
                return mean, tf.maximum(square - tf.square(mean), 0.0)
            axes = list(range(inputs.shape.rank - 1))
            (mean,) = mean_over_replicas([mean], group_size)
            deviation = tf.reduce_mean(tf.math.squared_difference(inputs, mean), axes)
            return mean, mean_over_replicas([deviation], group_size)[0]
        return mean, tf.maximum(square - tf.square(mean), 0.0)  # rounding can make the difference negative

    def get_config(self):
        return {**super().get_config(), "standardize": self.standardize, "cross_replica": self.cross_replica}


@tf.custom_gradient
def means(inputs):
    """[N, C] or [N, H, W, C] -> mean and mean square of each channel, both [C].

    The gradient is written out because it then takes one pass over the inputs; TensorFlow's own takes four.
    """
    size = tf.cast(tf.size(inputs) / inputs.shape[-1], inputs.dtype)

    def gradient(by_mean, by_square):
        return inputs * (2.0 / size * by_square) + by_mean / size

    return (_mean_of_channels(inputs), _mean_of_channels(tf.square(inputs))), gradient


def _mean_of_channels(inputs):
    return tf.reduce_mean(inputs, list(range(inputs.shape.rank - 1)))


@configurable("batch_norm", module=ARCH_OPS)
@keras.saving.register_keras_serializable("compare_gan2")
class BatchNorm(Standardize):
    """Plain batch norm with a trained gain (1) and offset (0) per channel."""

    def build(self, input_shape):
        self.add_statistics(input_shape)
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs, latents=None, labels=None, training=False):
        return self.scale_and_shift(inputs, self.gamma, self.beta, training)


@configurable("no_batch_norm", module=ARCH_OPS)
@keras.saving.register_keras_serializable("compare_gan2")
class NoBatchNorm(keras.layers.Layer):
    """Inputs unchanged, with the call signature of a batch norm."""

    reads_labels = False

    def build(self, input_shape):
        pass

    def call(self, inputs, latents=None, labels=None, training=False):
        return inputs


@configurable("conditional_batch_norm", module=ARCH_OPS, allowlist=["use_bias", "gain_offset"])
@keras.saving.register_keras_serializable("compare_gan2")
class ConditionalBatchNorm(Standardize):
    """Gain and offset are linear in the label vector (de Vries et al. 2017).

    Args:
        use_bias: whether the two linear maps have a bias.
        gain_offset: constant added to the gain. The original has 0, so that a fresh network passes little signal;
            BigGAN (Brock et al. 2019) has 1.
        dense: arguments for the two `Dense` layers: initialiser and power iteration.
    """

    conditional = True
    reads_labels = True

    def __init__(self, use_bias: bool = False, gain_offset: float = 0.0, dense=None, **kwargs):
        super().__init__(**kwargs)
        self.use_bias = use_bias
        self.gain_offset = gain_offset
        self.dense = dense or {}
        self.condition = GainAndOffset(use_bias=use_bias, dense=self.dense, name="condition", dtype=self.dtype_policy)

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        if labels_shape is None or len(labels_shape) != 2:
            raise ValueError(
                f"conditional batch norm needs label vectors [N, Y], got shape {labels_shape}: bind "
                "ModularGAN.conditional = True or another batch_norm_fn"
            )
        self.add_statistics(inputs_shape)
        self.condition.channels = inputs_shape[-1]
        self.condition.build(labels_shape)

    def call(self, inputs, latents=None, labels=None, training=False):
        gain, offset = self.condition(labels, training=training)
        return self.scale_and_shift(inputs, gain + self.gain_offset, offset, training)

    def get_config(self):
        own = {"use_bias": self.use_bias, "gain_offset": self.gain_offset, "dense": self.dense}
        return {**super().get_config(), **own}


@configurable("self_modulated_batch_norm", module=ARCH_OPS, allowlist=["num_hidden"])
@keras.saving.register_keras_serializable("compare_gan2")
class SelfModulatedBatchNorm(Standardize):
    """Gain and offset are a small network of the latents (Chen et al. 2019, "On Self Modulation").

    Args:
        num_hidden: width of the hidden ReLU layer; 0 for none.
        dense: arguments for the `Dense` layers: initialiser and power iteration.
    """

    conditional = True

    def __init__(self, num_hidden: int = 32, dense=None, **kwargs):
        super().__init__(**kwargs)
        self.num_hidden = num_hidden
        self.dense = dense or {}
        self.sbn = GainAndOffset(
            num_hidden=num_hidden, gain_bias=1.0, dense=self.dense, name="sbn", dtype=self.dtype_policy
        )

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        if latents_shape is None:
            raise ValueError(
                "self-modulated batch norm needs latents; a discriminator has none: bind another D.batch_norm_fn"
            )
        self.add_statistics(inputs_shape)
        self.sbn.channels = inputs_shape[-1]
        self.sbn.build(latents_shape)

    def call(self, inputs, latents=None, labels=None, training=False):
        gain, offset = self.sbn(latents, training=training)
        return self.scale_and_shift(inputs, gain, offset, training)

    def get_config(self):
        return {**super().get_config(), "num_hidden": self.num_hidden, "dense": self.dense}


class GainAndOffset(keras.layers.Layer):
    """[N, in] -> gain [N, channels], offset [N, channels] by two linear maps, after an optional hidden ReLU layer."""

    def __init__(self, use_bias=True, num_hidden=0, gain_bias=0.0, dense=None, **kwargs):
        super().__init__(**kwargs)
        self.num_hidden = num_hidden
        self.gain_bias = gain_bias
        self.options = {**(dense or {}), "dtype": self.dtype_policy}
        self.use_bias = use_bias
        self.channels = None

    def build(self, input_shape):
        width = input_shape[-1]
        if self.num_hidden:
            self.hidden = Dense(self.num_hidden, name="hidden", **self.options)
            self.hidden.build((None, width))
            width = self.num_hidden
        self.gamma = Dense(self.channels, use_bias=self.use_bias, name="gamma", **self.options)
        self.beta = Dense(self.channels, use_bias=self.use_bias, name="beta", **self.options)
        self.gamma.build((None, width))
        self.beta.build((None, width))
        if self.gain_bias:
            self.gamma.bias.assign(tf.fill([self.channels], self.gain_bias))

    def call(self, inputs, training=False):
        if self.num_hidden:
            inputs = tf.nn.relu(self.hidden(inputs, training=training))
        return self.gamma(inputs, training=training), self.beta(inputs, training=training)


@keras.saving.register_keras_serializable("compare_gan2")
class LayerNorm(keras.layers.Layer):
    """Moments over all axes but the first, gain and offset per channel; variance + 1e-12 as in the original."""

    def build(self, input_shape):
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        values = tf.cast(inputs, tf.float32)
        mean, variance = tf.nn.moments(values, list(range(1, values.shape.rank)), keepdims=True)
        factor = tf.math.rsqrt(variance + 1e-12) * tf.cast(self.gamma, tf.float32)  # [N, 1, 1, C]
        return tf.cast(values * factor + (tf.cast(self.beta, tf.float32) - mean * factor), inputs.dtype)
