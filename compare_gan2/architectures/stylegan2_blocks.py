"""Blocks of StyleGAN2's networks, one for each resolution."""

import keras
import tensorflow as tf

from compare_gan2.architectures.base import flatten
from compare_gan2.architectures.stylegan2_mapping import activated
from compare_gan2.layers.equalized import EqualizedConv2D, EqualizedDense
from compare_gan2.layers.filtered_resampling import filtered_up
from compare_gan2.layers.initializers import initializer
from compare_gan2.layers.modulated_conv import ModulatedConv2D


def channels_at(side, channel_base, channel_max):
    """Channels of the maps of a side."""
    return max(min(channel_base // side, channel_max), 1)


class SynthesisBlock(keras.layers.Layer):
    """(maps or None, images so far or None, list of w) -> (maps, images) of a side.

    The first block, of 4x4, starts from a trained map. Images of all blocks are added up, each doubled for the next.

    Args:
        side: of its maps.
        units: their channels.
        colours: channels of the images.
    """

    def __init__(self, side, units, colours, **kwargs):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.side = side
        self.units = units
        self.is_first = side == 4
        if not self.is_first:
            self.conv0 = ModulatedConv2D(units, up=True, name="conv0", **policy)
        self.conv1 = ModulatedConv2D(units, name="conv1", **policy)
        self.torgb = ModulatedConv2D(colours, 1, demodulate=False, name="torgb", **policy)

    @property
    def num_w(self):
        """Values of w that the block's convolutions take; its colours take the first one of the next block."""
        return 1 if self.is_first else 2

    def build(self, maps_shape=None, images_shape=None):
        if self.is_first:
            start = initializer("unit_normal", f"{self.path}/const")
            self.const = self.add_weight(name="const", shape=(4, 4, self.units), initializer=start)

    def call(self, maps, images, ws, *, noise):
        """(maps, images); `ws` are `num_w` + 1 tensors, `noise` as of `Generator.synthesize`."""
        *ws, of_colours = ws
        of_layers = noise or (lambda name, side: None)
        if self.is_first:
            start = tf.convert_to_tensor(self.const)
            maps = tf.broadcast_to(start, [tf.shape(ws[0])[0], *start.shape])
        else:
            maps = activated(self.conv0(maps, ws[0], of_layers(self.conv0.path, self.side)))
        maps = activated(self.conv1(maps, ws[-1], of_layers(self.conv1.path, self.side)))
        colours = self.torgb(maps, of_colours)
        return maps, colours if images is None else filtered_up(images) + colours


class DiscriminatorBlock(keras.layers.Layer):
    """[N, H, W, C] -> [N, H/2, W/2, following]: two convolutions, and a linear shortcut beside them.

    Args:
        units: channels of the first convolution.
        following: channels of the next block.
        from_rgb: whether the inputs are images.
    """

    def __init__(self, units, following, from_rgb, **kwargs):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.fromrgb = EqualizedConv2D(units, 1, name="fromrgb", **policy) if from_rgb else None
        self.conv0 = EqualizedConv2D(units, name="conv0", **policy)
        self.conv1 = EqualizedConv2D(following, down=True, name="conv1", **policy)
        self.skip = EqualizedConv2D(following, 1, down=True, use_bias=False, name="skip", **policy)

    def build(self, inputs_shape):
        pass  # the layers build at their first call

    def call(self, inputs):
        maps = inputs if self.fromrgb is None else activated(self.fromrgb(inputs))
        return (self.skip(maps) + activated(self.conv1(activated(self.conv0(maps))))) * 0.5**0.5


class DiscriminatorEpilogue(keras.layers.Layer):
    """[N, 4, 4, C] -> (features [N, C], a linear map of them [N, size]).

    A channel is appended to the maps first, the minibatch standard deviation (Karras et al. 2018, section 3): that of
    values over the examples of a group, averaged over channels and positions. At inference each image is a group.

    Args:
        units: C.
        size: see above.
        group_size: most examples of a group; groups have the largest size up to it that divides the examples of a call.
    """

    def __init__(self, units, size, group_size, **kwargs):
        super().__init__(**kwargs)
        policy = {"dtype": self.dtype_policy}
        self.group_size = group_size
        self.conv = EqualizedConv2D(units, name="conv", **policy)
        self.fc = EqualizedDense(units, name="fc", **policy)
        self.out = EqualizedDense(size, name="out", **policy)

    def build(self, inputs_shape):
        pass  # the layers build at their first call

    def call(self, inputs, training=False):
        maps = tf.concat([inputs, self._deviations(inputs, self.group_size if training else 1)], axis=3)
        features = activated(self.fc(flatten(activated(self.conv(maps)))))
        return features, self.out(features)

    def _deviations(self, inputs, group_size):
        """[N, 4, 4, 1]: the deviation in the group of each example: i is with all j = i modulo N / group size."""
        count = tf.shape(inputs)[0] if inputs.shape[0] is None else inputs.shape[0]
        if group_size == 1:
            size = 1
        elif inputs.shape[0] is None:
            sizes = tf.range(1, group_size + 1)
            size = tf.reduce_max(tf.where(count % sizes == 0, sizes, 1))
        else:  # what XLA needs
            size = max(size for size in range(1, group_size + 1) if count % size == 0)
        groups = tf.reshape(tf.cast(inputs, tf.float32), [size, -1, *inputs.shape[1:]])
        deviations = tf.sqrt(tf.math.reduce_variance(groups, axis=0) + 1e-8)
        values = tf.tile(tf.reduce_mean(deviations, axis=[1, 2, 3]), [size])  # [N]
        values = tf.broadcast_to(values[:, None, None, None], [count, *inputs.shape[1:3], 1])
        return tf.cast(values, inputs.dtype)
