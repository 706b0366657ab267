"""The residual block of all ResNets, with norm and ReLU before each convolution (He et al. 2016, "Identity Mappings in
Deep Residual Networks").
"""

import keras
import tensorflow as tf


class ResNetBlock(keras.layers.Layer):
    """[N, H, W, in] -> [N, H', W', channels]: shortcut(x) + conv(relu(norm(conv(relu(norm(x)))))).

    "up" inserts zeros before the first convolution and the shortcut; "down" averages after the second convolution and
    the shortcut. Plain ResNets have a 3x3 shortcut in every block, BigGAN a 1x1 shortcut in some.

    Args:
        factory: `LayerFactory` of the network.
        channels: output channels.
        resample: "up" doubles the side, "down" halves it, None keeps it.
        shortcut_kernel: side of the shortcut's kernel; None for no shortcut.
    """

    def __init__(self, factory, channels, resample, shortcut_kernel=3, **kwargs):
        super().__init__(dtype=factory.dtype, **kwargs)
        up = resample if resample == "up" else None
        down = resample if resample == "down" else None
        self.bn1 = factory.batch_norm("bn1")
        self.ln1 = factory.layer_norm("ln1")
        self.conv1 = factory.conv(channels, 3, f"{up or 'same'}_conv1", resample=up)
        self.bn2 = factory.batch_norm("bn2")
        self.ln2 = factory.layer_norm("ln2")
        self.conv2 = factory.conv(channels, 3, f"{down or 'same'}_conv2", resample=down)
        self.shortcut = None
        if shortcut_kernel:
            name = f"{resample or 'same'}_conv_shortcut"
            self.shortcut = factory.conv(channels, shortcut_kernel, name, resample=resample)

    def call(self, inputs, latents=None, labels=None, training=False):
        outputs = self.bn1(inputs, latents, labels, training=training)
        outputs = self.ln1(outputs) if self.ln1 is not None else outputs
        outputs = self.conv1(tf.nn.relu(outputs), training=training)
        outputs = self.bn2(outputs, latents, labels, training=training)
        outputs = self.ln2(outputs) if self.ln2 is not None else outputs
        outputs = self.conv2(tf.nn.relu(outputs), training=training)
        return outputs if self.shortcut is None else outputs + self.shortcut(inputs, training=training)

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        pass  # the layers build at their first call
