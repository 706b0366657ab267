"""The smallest pair of networks that keeps the contracts of `architectures.base`, for tests of GANs and training steps.

One dense and one convolutional layer each, with batch norm and spectral norm as gin says; the discriminator uses labels
if it gets any. The name to bind is "tiny_arch", which tests/conftest.py has `installed`.
"""

import sys

import keras
import tensorflow as tf

from compare_gan2.architectures import ARCHITECTURES, base
from compare_gan2.config.declare import configurable


def installed(monkeypatch):
    """Makes `options.architecture = "tiny_arch"` work until the patch is undone."""
    monkeypatch.setitem(ARCHITECTURES, "tiny_arch", sys.modules[__name__])


@configurable("TinyGenerator", module="tests.tiny_architecture")
@keras.saving.register_keras_serializable("tests")
class Generator(base.Generator):
    def __init__(self, image_shape, **kwargs):
        super().__init__(image_shape, **kwargs)
        self.seed_shape = (self.image_shape[0] // 2, self.image_shape[1] // 2, 4)
        self.fc_noise = self.factory.dense(self.seed_shape[0] * self.seed_shape[1] * 4, "fc_noise")
        self.norm = self.factory.batch_norm("bn1")
        self.final_conv = self.factory.conv(self.image_shape[2], 3, "final_conv", resample="up")

    def build(self, latents_shape, labels_shape=None):
        pass

    def call(self, latents, labels=None, training=False):
        outputs = tf.reshape(self.fc_noise(latents, training=training), [-1, *self.seed_shape])
        outputs = tf.nn.relu(self.norm(outputs, latents, labels, training=training))
        return tf.sigmoid(tf.cast(self.final_conv(outputs, training=training), tf.float32))


@configurable("TinyDiscriminator", module="tests.tiny_architecture")
@keras.saving.register_keras_serializable("tests")
class Discriminator(base.Discriminator):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = self.factory.conv(6, 3, "conv1", resample="down")
        self.norm = self.factory.batch_norm("bn1")
        self.final_fc = self.factory.dense(1, "final_fc")
        self.embedding_fc = None

    def build(self, images_shape, labels_shape=None):
        if labels_shape is not None:
            self.embedding_fc = self.factory.projection(6, "embedding_fc")

    def call(self, images, labels=None, training=False):
        outputs = self.conv(tf.cast(images, self.compute_dtype), training=training)
        # Smooth, so that gradients differ little where values differ little.
        features = tf.reduce_sum(tf.nn.softplus(self.norm(outputs, None, labels, training=training)), [1, 2])  # [N, 6]
        logits = self.final_fc(features, training=training)
        if self.embedding_fc is not None:
            logits += self.embedding_fc(labels, features, training=training)
        return self.output_for(logits, features)
