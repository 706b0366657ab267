"""Stages of R3GAN's networks: residual blocks at one resolution, and what leads to it or from it."""

import keras
import tensorflow as tf

from compare_gan2.layers.filtered_resampling import filtered_down, filtered_up
from compare_gan2.layers.grouped_conv import GroupedConv2D
from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.scaled_dense import ScaledDense

SLOPE = 0.2
_GAIN = (2.0 / (1.0 + SLOPE**2)) ** 0.5  # that keeps the variance through a leaky ReLU


def stages_of(network, side, width, cardinality, blocks, expansion):
    """List of (width, cardinality, blocks, expansion, gain) of each stage, from 4x4 to the images' side.

    Args:
        network: its name in `.gin` files, for messages.
        side: of the images.
        width, cardinality, blocks, expansion: options of the networks.

    Raises:
        ValueError: for a list of another length than there are stages, or groups that do not divide channels.
    """
    count = (side // 4).bit_length()
    given = {"width": width, "cardinality": cardinality, "blocks": blocks}
    for name, value in given.items():
        if isinstance(value, (list, tuple)) and len(value) != count:
            raise ValueError(
                f"{network}.{name}: expected one number, or {count}, one for each stage from 4x4 to {side}x{side}, got "
                f"{list(value)}"
            )
    lists = [list(v) if isinstance(v, (list, tuple)) else [v] * count for v in given.values()]
    for wide, groups, _ in zip(*lists, strict=True):
        if wide * expansion % groups:
            raise ValueError(
                f"{network}.cardinality: expected a divisor of the hidden channels, expansion x width = "
                f"{wide * expansion}, got {groups}"
            )
    # With conv3 at zero the blocks start as identities; the others are small enough for all of them in a row.
    gain = _GAIN * sum(lists[2]) ** -0.25
    return [(*values, expansion, gain) for values in zip(*lists, strict=True)]


class Block(keras.layers.Layer):
    """[N, H, W, width] -> the same: x + 1x1 of a leaky ReLU of a grouped 3x3 of a leaky ReLU of a 1x1 convolution.

    Args:
        width: channels outside.
        cardinality: groups of the 3x3 convolution.
        expansion: hidden channels, as a multiple of the width.
        gain: of the first two kernels, see `GroupedConv2D`; the third starts at zero.
    """

    def __init__(self, width, cardinality, expansion, gain, **kwargs):
        super().__init__(**kwargs)
        hidden = width * expansion
        self.conv1 = GroupedConv2D(hidden, gain=gain, name="conv1", dtype=self.dtype_policy)
        self.conv2 = GroupedConv2D(hidden, 3, cardinality, gain, name="conv2", dtype=self.dtype_policy)
        self.conv3 = GroupedConv2D(width, gain=0.0, name="conv3", dtype=self.dtype_policy)

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        shape = (self.conv1.units,)
        self.bias1 = self.add_weight(name="bias1", shape=shape, initializer="zeros")
        self.bias2 = self.add_weight(name="bias2", shape=shape, initializer="zeros")

    def call(self, inputs, latents=None, labels=None, training=False):
        outputs = tf.nn.leaky_relu(self.conv1(inputs) + tf.convert_to_tensor(self.bias1), SLOPE)
        outputs = tf.nn.leaky_relu(self.conv2(outputs) + tf.convert_to_tensor(self.bias2), SLOPE)
        return inputs + self.conv3(outputs)


class Stage(keras.layers.Layer):
    """Base of the stages: their blocks.

    Args:
        width, cardinality, blocks, expansion, gain: see `stages_of`.
    """

    def __init__(self, width, cardinality, blocks, expansion, gain, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.blocks = [
            Block(width, cardinality, expansion, gain, name=f"block{i}", dtype=self.dtype_policy) for i in range(blocks)
        ]

    def through_blocks(self, maps, training):
        """Maps [N, H, W, width] after all blocks."""
        for block in self.blocks:
            maps = block(maps, training=training)
        return maps


class GeneratorStage(Stage):
    """Vectors [N, V] -> maps [N, 4, 4, width], or maps [N, H, W, C] -> [N, 2H, 2W, width]; then the blocks.

    Vectors become maps by a linear map that weighs an image of each channel.
    """

    def build(self, inputs_shape):
        self.up = None
        if len(inputs_shape) == 2:
            self.basis = self.add_weight(
                name="basis", shape=(4, 4, self.width), initializer=initializer("unit_normal", f"{self.path}/basis")
            )
            self.basis_dense = ScaledDense(self.width, name="basis_dense", dtype=self.dtype_policy)
        elif inputs_shape[-1] != self.width:
            self.up = GroupedConv2D(self.width, name="up", dtype=self.dtype_policy)

    def call(self, inputs, training=False):
        if inputs.shape.rank == 2:
            maps = tf.convert_to_tensor(self.basis) * self.basis_dense(inputs)[:, None, None, :]
        else:
            maps = filtered_up(inputs if self.up is None else self.up(inputs))
        return self.through_blocks(maps, training)


class DiscriminatorStage(Stage):
    """Maps [N, H, W, width] -> blocks -> maps [N, H/2, W/2, following].

    The last stage weighs each channel of its 4x4 maps by an image instead, which gives the features, and returns
    (features [N, width], a linear map of them [N, size]).

    Args:
        width, cardinality, blocks, expansion, gain: see `stages_of`.
        following: width of the stage after this one; None for the last.
        size: see above.
    """

    def __init__(self, width, cardinality, blocks, expansion, gain, following, size, **kwargs):
        super().__init__(width, cardinality, blocks, expansion, gain, **kwargs)
        self.is_last = following is None
        self.down = None
        if self.is_last:
            self.basis = _Basis(name="basis", dtype=self.dtype_policy)
            self.basis_dense = ScaledDense(size, name="basis_dense", dtype=self.dtype_policy)
        elif following != width:
            self.down = GroupedConv2D(following, name="down", dtype=self.dtype_policy)

    def build(self, inputs_shape):
        pass  # the layers build at their first call

    def call(self, inputs, training=False):
        maps = self.through_blocks(inputs, training)
        if self.is_last:
            features = self.basis(maps)
            return features, self.basis_dense(features)
        maps = filtered_down(maps)
        return maps if self.down is None else self.down(maps)


class _Basis(keras.layers.Layer):
    """[N, 4, 4, C] -> [N, C]: each channel weighed by an image of its own; kernel [4, 4, C, 1]."""

    def build(self, inputs_shape):
        start = initializer("unit_normal", f"{self.path}/kernel", 0.25)  # one over the root of 16 inputs
        self.kernel = self.add_weight(name="kernel", shape=(*inputs_shape[1:], 1), initializer=start)

    def call(self, inputs):
        return tf.reduce_sum(inputs * tf.convert_to_tensor(self.kernel)[..., 0], [1, 2])
