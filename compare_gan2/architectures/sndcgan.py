"""The convolutional networks of Miyato et al. 2018 (spectral norm, table 3) for images of any size.

Differs from its siblings: in the discriminator 4x4 convolutions with stride 2 alternate with 3x3 ones; it scales images
to [-1, 1] and has no batch norm; the generator's first batch norm acts on the flat vector before it becomes a map, so
that it cannot be a conditional one. Spectral norm acts in the discriminator only. Parameters, z_dim 128: at 128x128x3
G 19,926,019 with batch norm, D 5,983,745; at 28x28x1 G 3,810,305 without, D 5,859,713.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.dcgan import halved
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width

MODULE = "compare_gan.architectures.sndcgan"

# Generator: multiples of ch of the seed and of each 4x4 transposed convolution.
# Discriminator: (multiple of ch, side of the kernel) of each convolution.
GENERATOR_CHANNELS = (8, 4, 2, 1)
DISCRIMINATOR_LAYERS = ((1, 3), (2, 4), (2, 3), (4, 4), (4, 3), (8, 4), (8, 3))


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.sndcgan")
class Generator(base.Generator):
    """Generator: latents [N, z_dim] -> images [N, H, W, C], (tanh + 1) / 2 of the last layer.

    Args:
        image_shape: (height, width, channels).
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for a conditional batch norm.

    Example:
        >>> Generator((12, 16, 3), ch=4)(tf.zeros([2, 128])).shape
        TensorShape([2, 12, 16, 3])
    """

    def __init__(self, image_shape, *, ch: Width = 64, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.ch = ch
        count = len(GENERATOR_CHANNELS) - 1
        self.seed_size = halved(self.image_shape, count)
        height, width = self.seed_size
        self.fc = self.factory.dense(height * width * ch * GENERATOR_CHANNELS[0], "g_fc1", spectral_norm=False)
        self.norms = [self.factory.batch_norm(f"g_bn{i}") for i in range(1, count + 2)]
        self.deconvs = [
            self.factory.deconv(ch * multiple, halved(self.image_shape, count - i), 4, f"g_dc{i + 1}")
            for i, multiple in enumerate(GENERATOR_CHANNELS[1:], 1)
        ]
        self.deconvs.append(
            self.factory.deconv(self.image_shape[-1], halved(self.image_shape, 0), 3, f"g_dc{count + 2}", strides=1)
        )

    def call(self, latents, labels=None, training=False):
        outputs = self.norms[0](self.fc(latents, training=training), latents, labels, training=training)
        outputs = tf.reshape(tf.nn.relu(outputs), [-1, *self.seed_size, self.ch * GENERATOR_CHANNELS[0]])
        for deconv, norm in zip(self.deconvs, self.norms[1:], strict=False):
            outputs = tf.nn.relu(norm(deconv(outputs, training=training), latents, labels, training=training))
        outputs = self.deconvs[-1](outputs, training=training)
        return (tf.tanh(tf.cast(outputs, tf.float32)) + 1.0) / 2.0

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.sndcgan")
class Discriminator(base.Discriminator):
    """Discriminator: images [N, H, W, C] -> `DiscriminatorOutput` with features [N, (H/8)(W/8) 8 ch], flattened.

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Example:
        >>> outputs = Discriminator(ch=4)(tf.zeros([2, 16, 24, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 192]))
    """

    def __init__(self, *, ch: Width = 64, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.convs = [
            self.factory.conv(ch * multiple, kernel, f"d_conv{i}", strides=2 if kernel == 4 else 1)
            for i, (multiple, kernel) in enumerate(DISCRIMINATOR_LAYERS, 1)
        ]
        self.fc = self.factory.dense(1, "d_fc1")

    def call(self, images, labels=None, training=False):
        outputs = images * 2.0 - 1.0
        for conv in self.convs:
            outputs = tf.nn.leaky_relu(conv(outputs, training=training), 0.1)
        features = base.flatten(outputs)
        return self.output_for(self.fc(features, training=training), features)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
