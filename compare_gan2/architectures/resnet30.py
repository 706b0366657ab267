"""ResNet with six stages of five blocks, for 128x128 images (the deep variant of Gulrajani et al. 2017).

Differs from its siblings: the blocks of a stage keep size and channels, and one more block between stages changes both;
no norm or ReLU before the generator's last layer; features are the flattened last map. Spectral norm leaves out the
generator's first and last layer and the discriminator's first. Parameters at 128x128x3, z_dim 128: G 52,176,531
(52,199,667 with batch norm), D 53,486,449.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.resnet_block import ResNetBlock
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width

MODULE = "compare_gan.architectures.resnet30"

RESOLUTIONS = (128,)

BLOCKS_PER_STAGE = 5
GENERATOR_STAGES = (32, 16, 8, 4, 2, 1)  # multiples of ch at sides 4, 8, 16, 32, 64, 128
DISCRIMINATOR_STAGES = (1, 2, 4, 8, 16, 32)  # at sides 128, 64, 32, 16, 8, 4


def _blocks(factory, ch, stages, resample):
    """List of the blocks of a network; those between stages are named "up" in both networks, as in the original."""
    blocks = []
    for stage, multiple in enumerate(stages):
        blocks += [ResNetBlock(factory, ch * multiple, None, name=f"B_{stage}_{i}") for i in range(BLOCKS_PER_STAGE)]
        if stage + 1 < len(stages):
            blocks.append(ResNetBlock(factory, ch * stages[stage + 1], resample, name=f"B_{stage}_up"))
    return blocks


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet30")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, 128, 128, C], sigmoid of the last layer.

    Args:
        image_shape: (128, 128, channels).
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape.

    Example:
        >>> Generator((128, 128, 3), ch=1)(tf.zeros([2, 128])).shape
        TensorShape([2, 128, 128, 3])
    """

    def __init__(self, image_shape, *, ch: Width = 16, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.ch = ch
        base.require_image_size("resnet30_arch", self.image_shape, RESOLUTIONS)
        self.fc_noise = self.factory.dense(4 * 4 * ch * GENERATOR_STAGES[0], "fc_noise", spectral_norm=False)
        self.blocks = _blocks(self.factory, ch, GENERATOR_STAGES, "up")
        self.final_conv = self.factory.conv(self.image_shape[-1], 3, "final_conv", spectral_norm=False)

    def call(self, latents, labels=None, training=False):
        outputs = self.fc_noise(latents, training=training)
        outputs = tf.reshape(outputs, [-1, 4, 4, self.ch * GENERATOR_STAGES[0]])
        for block in self.blocks:
            outputs = block(outputs, latents, labels, training=training)
        return tf.sigmoid(tf.cast(self.final_conv(outputs, training=training), tf.float32))

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet30")
class Discriminator(base.Discriminator):
    """Discriminator: images [N, 128, 128, C] -> `DiscriminatorOutput` with features [N, 512 ch].

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of another side.

    Example:
        >>> outputs = Discriminator(ch=1)(tf.zeros([2, 128, 128, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 512]))
    """

    def __init__(self, *, ch: Width = 16, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.color_conv = self.factory.conv(ch * DISCRIMINATOR_STAGES[0], 3, "color_conv", spectral_norm=False)
        self.blocks = _blocks(self.factory, ch, DISCRIMINATOR_STAGES, "down")
        self.final_fc = self.factory.dense(1, "disc_final_fc")

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet30_arch", images_shape[1:], RESOLUTIONS)

    def call(self, images, labels=None, training=False):
        outputs = self.color_conv(images, training=training)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
        features = base.flatten(outputs)  # [N, 512 ch]
        return self.output_for(self.final_fc(features, training=training), features)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
