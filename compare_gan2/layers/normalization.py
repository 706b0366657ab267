"""Batch norm in three parts: the moments, the statistics stored for inference, and the gain and offset.

Every batch norm is called as `norm(inputs, latents=None, labels=None, training=False)` with inputs [N, C] or
[N, H, W, C], latents [N, z_dim] and labels [N, num_classes], and uses of these vectors what it needs, so that an
architecture need not know which class it holds. While training, the moments are those of the whole batch over all
replicas, unless `StandardizeBatch` or `CrossReplicaMoments` says otherwise.
"""

from typing import Annotated

import keras
import tensorflow as tf

from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf, Number, Range
from compare_gan2.distribution.cross_replica import CrossReplicaMoments, mean_over_replicas, num_replicas
from compare_gan2.layers.accumulators import Accumulators
from compare_gan2.layers.batch_norm_options import ARCH_OPS, StandardizeBatch, checked_fields
from compare_gan2.layers.gain_and_offset import GainAndOffset
from compare_gan2.layers.rematerialization import is_repeated

Fields = Annotated[dict, AnyOf("fields of another option, checked as that one is")] | None


class Standardize(keras.layers.Layer):
    """Base of the batch norms: standardises with the batch's moments or the stored ones (Ioffe & Szegedy 2015).

    Subclasses compute gain and offset.

    Args:
        standardize: fields of `StandardizeBatch` as a dict; those that are missing have their defaults.
        cross_replica: fields of `CrossReplicaMoments` as a dict, likewise.

    Raises:
        ValueError: for inputs of a rank other than 2 or 4, or groups of replicas that cannot be reduced.
    """

    conditional = False  # whether gain and offset depend on the example
    reads_labels = False  # whether `labels` are used; a network leaves out variables whose output nothing reads

    def __init__(self, standardize: Fields = None, cross_replica: Fields = None, **kwargs):
        super().__init__(**kwargs)
        self.standardize = checked_fields("standardize", StandardizeBatch, standardize)
        self.cross_replica = checked_fields("cross_replica", CrossReplicaMoments, cross_replica)

    def add_statistics(self, input_shape):
        """Creates the stored statistics: moving averages or `Accumulators`; `build` of a subclass calls it."""
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
        """Inputs standardised, times gain, plus offset; gain and offset are [C] or [N, C]."""
        mean, variance = self._statistics(tf.cast(inputs, tf.float32), training)
        # One multiplication and one addition per value instead of four: the others act on [C] or [N, C].
        factor = tf.cast(gain, tf.float32) * tf.math.rsqrt(variance + self.standardize["epsilon"])
        shift = tf.cast(offset, tf.float32) - mean * factor
        if factor.shape.rank == 2:
            if inputs.shape.rank == 2 and self.conditional:
                raise ValueError(f"{self.name}: conditional batch norm takes inputs of rank 4, got {inputs.shape}")
            factor, shift = factor[:, None, None, :], shift[:, None, None, :]
        return inputs * tf.cast(factor, inputs.dtype) + tf.cast(shift, inputs.dtype)

    def _statistics(self, inputs, training):
        """(mean [C], variance [C]) to standardise with; updates what is stored."""
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
        """(mean [C], variance [C]) of the batch, over the replicas that share moments."""
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
    """[N, C] or [N, H, W, C] -> (mean, mean square) of each channel, both [C]."""
    # The gradient is written out because it then takes one pass over the inputs; TensorFlow's own takes four.
    size = tf.cast(tf.size(inputs) / inputs.shape[-1], inputs.dtype)

    def gradient(by_mean, by_square):
        return inputs * (2.0 / size * by_square) + by_mean / size

    return (_mean_of_channels(inputs), _mean_of_channels(tf.square(inputs))), gradient


def _mean_of_channels(inputs):
    return tf.reduce_mean(inputs, list(range(inputs.shape.rank - 1)))


@configurable("batch_norm", module=ARCH_OPS)
@keras.saving.register_keras_serializable("compare_gan2")
class BatchNorm(Standardize):
    """[N, C] or [N, H, W, C] -> the same shape: batch norm with a trained gain (from 1) and offset (from 0) [C].

    Arguments and errors as of `Standardize`.

    Example:
        >>> BatchNorm()(tf.constant([[0.0], [4.0]]), training=True).numpy().round(2).tolist()
        [[-1.0], [1.0]]
    """

    def build(self, input_shape):
        self.add_statistics(input_shape)
        self.gamma = self.add_weight(name="gamma", shape=(input_shape[-1],), initializer="ones")
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs, latents=None, labels=None, training=False):
        return self.scale_and_shift(inputs, self.gamma, self.beta, training)


@configurable("no_batch_norm", module=ARCH_OPS)
@keras.saving.register_keras_serializable("compare_gan2")
class NoBatchNorm(keras.layers.Layer):
    """The inputs unchanged, with the call signature of a batch norm.

    Args:
        activity_regularizer, trainable, dtype, autocast, name: of Keras' layers, and in the recorded configurations of
            older versions.
        **kwargs: likewise.

    Example:
        >>> NoBatchNorm()(tf.constant([[0.0], [4.0]]), training=True).numpy().tolist()
        [[0.0], [4.0]]
    """

    reads_labels = False

    def __init__(
        self,
        *,
        activity_regularizer: None = None,
        trainable: bool = True,
        dtype: None = None,
        autocast: bool = True,
        name: None = None,
        **kwargs,
    ):
        given = {"activity_regularizer": activity_regularizer, "trainable": trainable, "dtype": dtype}
        super().__init__(**given, autocast=autocast, name=name, **kwargs)

    def build(self, input_shape):
        pass

    def call(self, inputs, latents=None, labels=None, training=False):
        return inputs


@configurable("conditional_batch_norm", module=ARCH_OPS, allowlist=["use_bias", "gain_offset"])
@keras.saving.register_keras_serializable("compare_gan2")
class ConditionalBatchNorm(Standardize):
    """[N, H, W, C] and labels [N, Y] -> [N, H, W, C]: gain and offset linear in the label (de Vries et al. 2017).

    Args:
        use_bias: whether the two linear maps have a bias.
        gain_offset: constant added to the gain. The original has 0, so that a new network passes little signal;
            BigGAN (Brock et al. 2019) has 1.
        dense: arguments of the two `Dense` layers as a dict: initializer and power_iteration.
        **kwargs: arguments of `Standardize`.

    Raises:
        ValueError: without labels, or for inputs of rank 2.

    Example:
        >>> ConditionalBatchNorm()(tf.ones([2, 4, 4, 3]), labels=tf.one_hot([0, 4], 5)).shape
        TensorShape([2, 4, 4, 3])
    """

    conditional = True
    reads_labels = True

    def __init__(self, use_bias: bool = False, gain_offset: Number = 0.0, dense=None, **kwargs):
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
    """[N, H, W, C] and latents [N, Z] -> [N, H, W, C]: gain and offset by a small network of the latents.

    Chen et al. 2019, "On Self Modulation for Generative Adversarial Networks", section 2.

    Args:
        num_hidden: width of the hidden ReLU layer; 0 for none.
        dense: arguments of the `Dense` layers as a dict: initializer and power_iteration.
        **kwargs: arguments of `Standardize`.

    Raises:
        ValueError: without latents, or for inputs of rank 2.

    Example:
        >>> SelfModulatedBatchNorm()(tf.ones([2, 4, 4, 3]), tf.ones([2, 8])).shape
        TensorShape([2, 4, 4, 3])
    """

    conditional = True

    def __init__(self, num_hidden: Annotated[int, Range(0, 2**16)] = 32, dense=None, **kwargs):
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
