"""Gain and offset of a batch norm as functions of a vector: a label or latents."""

import keras
import tensorflow as tf

from compare_gan2.layers.weighted import Dense


class GainAndOffset(keras.layers.Layer):
    """[N, in] -> (gain [N, channels], offset [N, channels]): two linear maps, after an optional hidden ReLU layer.

    Set `channels` before the layer is built.

    Args:
        use_bias: whether the two linear maps have a bias.
        num_hidden: width of the hidden layer; 0 for none.
        gain_bias: initial bias of the gain.
        dense: arguments of the `Dense` layers as a dict: initializer and power_iteration.

    Example:
        >>> layer = GainAndOffset()
        >>> layer.channels = 3
        >>> [part.shape for part in layer(tf.ones([2, 4]))]
        [TensorShape([2, 3]), TensorShape([2, 3])]
    """

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
