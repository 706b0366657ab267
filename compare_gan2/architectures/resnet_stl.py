"""ResNet for 48x48 images, which Miyato et al. 2018 (spectral norm, appendix B) used on STL-10.

Differs from its siblings: the seed is 6x6; spectral norm leaves out the generator's first and last layer; the variables
of the last norm are under `generator/batch_norm`, as in the original's checkpoints. Parameters at 48x48x3, z_dim 128:
G 6,251,523 (6,254,339 with batch norm), D 25,114,817.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.resnet_block import ResNetBlock
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width

MODULE = "compare_gan.architectures.resnet_stl"

RESOLUTIONS = (48,)

# Multiples of ch. Generator: the seed, then each block, which doubles the side: 12, 24, 48.
GENERATOR_CHANNELS = (8, 4, 2, 1)
DISCRIMINATOR_BLOCKS = ((1, "down"), (2, "down"), (4, "down"), (8, "down"), (16, None))  # sides 24, 12, 6, 3, 3


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_stl")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, 48, 48, C], sigmoid of the last layer.

    Args:
        image_shape: (48, 48, channels).
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape.

    Example:
        >>> Generator((48, 48, 3), ch=2)(tf.zeros([2, 128])).shape
        TensorShape([2, 48, 48, 3])
    """

    def __init__(self, image_shape, *, ch: Width = 64, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.ch = ch
        base.require_image_size("resnet_stl_arch", self.image_shape, RESOLUTIONS)
        self.fc_noise = self.factory.dense(6 * 6 * ch * GENERATOR_CHANNELS[0], "fc_noise", spectral_norm=False)
        self.blocks = [
            ResNetBlock(self.factory, ch * multiple, "up", name=f"B{i}")
            for i, multiple in enumerate(GENERATOR_CHANNELS[1:], 1)
        ]
        self.final_norm = self.factory.batch_norm("batch_norm")
        self.final_conv = self.factory.conv(self.image_shape[-1], 3, "final_conv", spectral_norm=False)

    def call(self, latents, labels=None, training=False):
        outputs = self.fc_noise(latents, training=training)
        outputs = tf.reshape(outputs, [-1, 6, 6, self.ch * GENERATOR_CHANNELS[0]])
        for block in self.blocks:
            outputs = block(outputs, latents, labels, training=training)
        outputs = tf.nn.relu(self.final_norm(outputs, latents, labels, training=training))
        return tf.sigmoid(tf.cast(self.final_conv(outputs, training=training), tf.float32))

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_stl")
class Discriminator(base.Discriminator):
    """Discriminator: images [N, 48, 48, C] -> `DiscriminatorOutput` with features [N, 16 ch], averaged over positions.

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of another side.

    Example:
        >>> outputs = Discriminator(ch=2)(tf.zeros([2, 48, 48, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 32]))
    """

    def __init__(self, *, ch: Width = 64, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.blocks = [
            ResNetBlock(self.factory, ch * multiple, resample, name=f"B{i}")
            for i, (multiple, resample) in enumerate(DISCRIMINATOR_BLOCKS)
        ]
        self.final_fc = self.factory.dense(1, "disc_final_fc")

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet_stl_arch", images_shape[1:], RESOLUTIONS)

    def call(self, images, labels=None, training=False):
        outputs = tf.cast(images, self.compute_dtype)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
        features = tf.reduce_mean(tf.nn.relu(outputs), axis=[1, 2])  # [N, 16 ch]
        return self.output_for(self.final_fc(features, training=training), features)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
