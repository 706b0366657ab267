"""The smallest networks that train, for testing a pipeline; any image size.

Differs from its siblings: one linear map in each network, no norm, no option but the image shape; features are the mean
colour. Parameters at HxWxC: G (z_dim + 1) H W C, D C + 1.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.config.declare import configurable

MODULE = "compare_gan.architectures.dummy"


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.dummy")
class Generator(base.Generator):
    """Sigmoid of a linear map: latents [N, z_dim] -> images [N, H, W, C]; labels are ignored.

    Args:
        image_shape: (height, width, channels).
        **kwargs: arguments of `base.Generator`.

    Example:
        >>> Generator((5, 7, 1))(tf.zeros([2, 8])).shape
        TensorShape([2, 5, 7, 1])
    """

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
    """Linear map of the mean colour: images [N, H, W, C] -> `DiscriminatorOutput` with features [N, C].

    Args:
        **kwargs: arguments of `base.Discriminator`.

    Example:
        >>> outputs = Discriminator()(tf.zeros([2, 5, 7, 3]))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 3]))
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.linear = self.factory.dense(1, "linear", spectral_norm=False)

    def call(self, images, labels=None, training=False):
        features = tf.reduce_mean(tf.cast(images, self.compute_dtype), axis=[1, 2])  # [N, C]
        return self.output_for(self.linear(features, training=training), features)
