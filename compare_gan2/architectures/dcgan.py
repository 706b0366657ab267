"""DCGAN (Radford et al. 2016, section 3 and figure 1) for images of any size.

Differs from its siblings: 5x5 convolutions and transposed convolutions with stride 2 throughout; batch norm in the
discriminator if `D.batch_norm_fn` names one; no pooling, so that features are a map [N, H/16, W/16, 8 ch]. Spectral
norm acts in the discriminator only. Parameters at 64x64x3, z_dim 128: G 5,362,819 (5,364,739 with batch norm),
D 4,314,753 (4,316,545).
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width

MODULE = "compare_gan.architectures.dcgan"

# Multiples of ch. Generator: the seed, then each transposed convolution but the last.
GENERATOR_CHANNELS = (8, 4, 2, 1)
DISCRIMINATOR_CHANNELS = (1, 2, 4, 8)


def halved(image_shape, times):
    """(height, width) halved, and rounded up, so many times."""
    height, width, _ = image_shape
    for _ in range(times):
        height, width = -(-height // 2), -(-width // 2)
    return height, width


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.dcgan")
class Generator(base.Generator):
    """DCGAN's generator: (latents [N, z_dim], labels or None) -> images [N, H, W, C], (tanh + 1) / 2 of the last layer.

    Args:
        image_shape: (height, width, channels).
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Example:
        >>> Generator((32, 48, 3), ch=4)(tf.zeros([2, 128])).shape
        TensorShape([2, 32, 48, 3])
    """

    def __init__(self, image_shape, *, ch: Width = 64, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.ch = ch
        channels = [ch * multiple for multiple in GENERATOR_CHANNELS]
        count = len(GENERATOR_CHANNELS)
        self.seed_size = halved(self.image_shape, count)
        height, width = self.seed_size
        self.fc = self.factory.dense(height * width * channels[0], "g_fc1", spectral_norm=False)
        self.norms = [self.factory.batch_norm(f"g_bn{i}") for i in range(1, count + 1)]
        self.deconvs = [
            self.factory.deconv(filters, halved(self.image_shape, count - i), 5, f"g_dc{i}")
            for i, filters in enumerate([*channels[1:], self.image_shape[-1]], 1)
        ]

    def call(self, latents, labels=None, training=False):
        outputs = self.fc(latents, training=training)
        outputs = tf.reshape(outputs, [-1, *self.seed_size, self.ch * GENERATOR_CHANNELS[0]])
        for norm, deconv in zip(self.norms, self.deconvs, strict=True):
            outputs = tf.nn.relu(norm(outputs, latents, labels, training=training))
            outputs = deconv(outputs, training=training)
        return (tf.tanh(tf.cast(outputs, tf.float32)) + 1.0) / 2.0

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.dcgan")
class Discriminator(base.Discriminator):
    """DCGAN's discriminator: images [N, H, W, C] -> `DiscriminatorOutput` with features [N, H/16, W/16, 8 ch].

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Example:
        >>> outputs = Discriminator(ch=4)(tf.zeros([2, 32, 48, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 2, 3, 32]))
    """

    def __init__(self, *, ch: Width = 64, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.convs = [
            self.factory.conv(ch * multiple, 5, f"d_conv{i}", strides=2)
            for i, multiple in enumerate(DISCRIMINATOR_CHANNELS, 1)
        ]
        self.norms = [self.factory.batch_norm(f"d_bn{i}") for i in range(1, len(DISCRIMINATOR_CHANNELS))]
        self.fc = self.factory.dense(1, "d_fc4")

    def call(self, images, labels=None, training=False):
        outputs = tf.nn.leaky_relu(self.convs[0](images, training=training), 0.2)
        for conv, norm in zip(self.convs[1:], self.norms, strict=True):
            outputs = norm(conv(outputs, training=training), None, labels, training=training)
            outputs = tf.nn.leaky_relu(outputs, 0.2)
        return self.output_for(self.fc(base.flatten(outputs), training=training), outputs)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
