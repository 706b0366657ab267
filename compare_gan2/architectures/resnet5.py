"""ResNet with five blocks (Kurach et al. 2019, "A Large-Scale Study on Regularization and Normalization in GANs").

Differs from its siblings: the generator has the same five blocks at every resolution from 4 to 128, of which only the
first few, as many as needed, double the side; the discriminator halves the side in all six blocks at every resolution;
spectral norm leaves out the generator's first and last layer. Parameters, z_dim 128, at every resolution: G 13,780,227
(13,786,115 with batch norm), D 15,086,529 (15,092,423 with layer norm).
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.resnet_block import ResNetBlock
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width

MODULE = "compare_gan.architectures.resnet5"

RESOLUTIONS = (4, 8, 16, 32, 64, 128)

# Multiples of ch. Generator: input of the first block, then the output of each.
GENERATOR_CHANNELS = (8, 8, 4, 4, 2, 1)
DISCRIMINATOR_CHANNELS = (1, 2, 4, 4, 8, 8)


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet5")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, H, H, C], sigmoid of the last layer.

    Args:
        image_shape: (H, H, channels) with H in 4, 8, 16, 32, 64, 128.
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape.

    Example:
        >>> Generator((16, 16, 3), ch=2)(tf.zeros([2, 128])).shape
        TensorShape([2, 16, 16, 3])
    """

    def __init__(self, image_shape, *, ch: Width = 64, **kwargs):
        super().__init__(image_shape, **kwargs)
        base.require_image_size("resnet5_arch", self.image_shape, RESOLUTIONS)
        self.ch = ch
        self.seed_channels = ch * GENERATOR_CHANNELS[0]
        up_blocks = RESOLUTIONS.index(self.image_shape[0])
        self.fc_noise = self.factory.dense(4 * 4 * self.seed_channels, "fc_noise", spectral_norm=False)
        self.blocks = [
            ResNetBlock(self.factory, ch * multiple, "up" if i <= up_blocks else None, name=f"B{i}")
            for i, multiple in enumerate(GENERATOR_CHANNELS[1:], 1)
        ]
        self.final_norm = self.factory.batch_norm("final_norm")
        self.final_conv = self.factory.conv(self.image_shape[-1], 3, "final_conv", spectral_norm=False)

    def call(self, latents, labels=None, training=False):
        outputs = tf.reshape(self.fc_noise(latents, training=training), [-1, 4, 4, self.seed_channels])
        for block in self.blocks:
            outputs = block(outputs, latents, labels, training=training)
        outputs = tf.nn.relu(self.final_norm(outputs, latents, labels, training=training))
        return tf.sigmoid(tf.cast(self.final_conv(outputs, training=training), tf.float32))

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet5")
class Discriminator(base.Discriminator):
    """Discriminator: images [N, H, H, C] -> `DiscriminatorOutput` with features [N, 8 ch], averaged over positions.

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of a side other than the generator's.

    Example:
        >>> outputs = Discriminator(ch=2)(tf.zeros([2, 16, 16, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 16]))
    """

    def __init__(self, *, ch: Width = 64, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.blocks = [
            ResNetBlock(self.factory, ch * multiple, "down", name=f"B{i}")
            for i, multiple in enumerate(DISCRIMINATOR_CHANNELS)
        ]
        self.final_fc = self.factory.dense(1, "disc_final_fc")

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet5_arch", images_shape[1:], RESOLUTIONS)

    def call(self, images, labels=None, training=False):
        outputs = tf.cast(images, self.compute_dtype)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
        features = tf.reduce_mean(tf.nn.relu(outputs), axis=[1, 2])  # [N, 8 ch]
        return self.output_for(self.final_fc(features, training=training), features)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
