"""The networks of InfoGAN (Chen et al. 2016, appendix C.1), without its latent code and its second head.

Differs from its siblings: two dense layers in each network; the generator always has plain batch norm, whatever
`G.batch_norm_fn` is; its last layer is a sigmoid. Height and width must be multiples of 4. Spectral norm acts in the
discriminator only. Parameters, z_dim 128: at 28x28x1 G 6,707,777, D 6,559,169 with batch norm; at 64x64x3 G 33,921,219,
D 33,690,817.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import Width
from compare_gan2.ground.image_size import in_pixels

MODULE = "compare_gan.architectures.infogan"


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.infogan")
class Generator(base.Generator):
    """InfoGAN's generator: latents [N, z_dim] -> images [N, H, W, C], sigmoid of the last layer; labels are ignored.

    Args:
        image_shape: (height, width, channels); height and width are multiples of 4.
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another height or width.

    Example:
        >>> Generator((12, 16, 1), ch=4)(tf.zeros([2, 128])).shape
        TensorShape([2, 12, 16, 1])
    """

    def __init__(self, image_shape, *, ch: Width = 64, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.ch = ch
        height, width, colors = self.image_shape
        if height % 4 or width % 4:
            raise ValueError(f"infogan_arch: height and width must be multiples of 4, got {in_pixels(height, width)}")
        self.fc1 = self.factory.dense(16 * ch, "g_fc1", spectral_norm=False)
        self.bn1 = self.factory.plain_batch_norm("g_bn1")
        self.fc2 = self.factory.dense(2 * ch * (height // 4) * (width // 4), "g_fc2", spectral_norm=False)
        self.bn2 = self.factory.plain_batch_norm("g_bn2")
        self.deconv3 = self.factory.deconv(ch, (height // 2, width // 2), 4, "g_dc3")
        self.bn3 = self.factory.plain_batch_norm("g_bn3")
        self.deconv4 = self.factory.deconv(colors, (height, width), 4, "g_dc4")

    def call(self, latents, labels=None, training=False):
        height, width, _ = self.image_shape
        outputs = self.bn1(self.fc1(latents, training=training), training=training)
        outputs = self.fc2(tf.nn.leaky_relu(outputs, 0.2), training=training)
        outputs = tf.nn.leaky_relu(self.bn2(outputs, training=training), 0.2)
        outputs = self.deconv3(tf.reshape(outputs, [-1, height // 4, width // 4, 2 * self.ch]), training=training)
        outputs = tf.nn.leaky_relu(self.bn3(outputs, training=training), 0.2)
        return tf.sigmoid(tf.cast(self.deconv4(outputs, training=training), tf.float32))

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.infogan")
class Discriminator(base.Discriminator):
    """InfoGAN's discriminator: images [N, H, W, C] -> `DiscriminatorOutput` with features [N, 16 ch].

    Args:
        ch: width; all channel counts are multiples of it.
        **kwargs: arguments of `base.Discriminator`.

    Example:
        >>> outputs = Discriminator(ch=4)(tf.zeros([2, 12, 16, 1]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 64]))
    """

    def __init__(self, *, ch: Width = 64, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.conv1 = self.factory.conv(ch, 4, "d_conv1", strides=2)
        self.conv2 = self.factory.conv(2 * ch, 4, "d_conv2", strides=2)
        self.bn2 = self.factory.batch_norm("d_bn2")
        self.fc3 = self.factory.dense(16 * ch, "d_fc3")
        self.bn3 = self.factory.batch_norm("d_bn3")
        self.fc4 = self.factory.dense(1, "d_fc4")

    def call(self, images, labels=None, training=False):
        outputs = tf.nn.leaky_relu(self.conv1(images, training=training), 0.2)
        outputs = self.bn2(self.conv2(outputs, training=training), None, labels, training=training)
        outputs = self.fc3(base.flatten(tf.nn.leaky_relu(outputs, 0.2)), training=training)
        features = tf.nn.leaky_relu(self.bn3(outputs, None, labels, training=training), 0.2)
        return self.output_for(self.fc4(features, training=training), features)

    def get_config(self):
        return {**super().get_config(), "ch": self.ch}
