"""The smallest networks that train, for trying out what surrounds networks; any image size.

Differs from its siblings: one linear map on each side, no norm, no option but the image shape; features are the mean
colour. Parameters at HxWxC: G (z_dim + 1) H W C, D C + 1.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.configuration import configurable

MODULE = "compare_gan.architectures.dummy"


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.dummy")
class Generator(base.Generator):
    """A sigmoid of a linear map of the latents."""

    def __init__(self, image_shape, **kwargs):
        super().__init__(image_shape, **kwargs)
        height, width, channels = self.image_shape
        self.fc_noise = self.factory.dense(height * width * channels, "fc_noise", spectral_norm=False)

    def call(self, latents, labels=None, training=False):
        outputs = tf.reshape(self.fc_noise(latents, training=training), [-1, *self.image_shape])
        return tf.sigmoid(tf.cast(outputs, tf.float32))


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.dummy")
class Discriminator(base.Discriminator):
    """A linear map of the mean colour; features are [N, C]."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.linear = self.factory.dense(1, "linear", spectral_norm=False)

    def call(self, images, labels=None, training=False):
        features = tf.reduce_mean(tf.cast(images, self.compute_dtype), axis=[1, 2])  # [N, C]
        return self.output_for(self.linear(features, training=training), features)
