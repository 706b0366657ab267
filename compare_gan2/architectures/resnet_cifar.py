"""ResNet for 32x32 images (Gulrajani et al. 2017; Miyato et al. 2018, appendix B).

Differs from its siblings: the generator keeps 256 channels throughout and has the hierarchical latents, latent and
label embeddings of BigGAN as options; the discriminator averages its features over positions instead of summing them,
and optionally projects classes with an ordinary dense layer. Parameters at 32x32x3, z_dim 128: G 5,846,019 (5,849,603
with batch norm), D 1,483,137.
"""

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.architectures.resnet_block import ResNetBlock
from compare_gan2.config.declare import configurable

MODULE = "compare_gan.architectures.resnet_cifar"
RESOLUTIONS = (32,)

GENERATOR_BLOCKS = (256, 256, 256)  # each doubles the side: 8, 16, 32
DISCRIMINATOR_BLOCKS = ((128, "down"), (128, "down"), (128, None), (128, None))  # sides 16, 8, 8, 8


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_cifar")
class Generator(base.Generator):
    """Generator: (latents [N, z_dim], labels or None) -> images [N, 32, 32, C], sigmoid of the last layer.

    Args:
        image_shape: (32, 32, channels).
        hierarchical_z: split the latents into 4 parts: the first for the seed, one for each block.
        embed_z: pass the latents through a linear map of their own size first.
        embed_y: pass the labels through a linear map to z_dim values first.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape, or a z_dim that hierarchical_z cannot split.

    Example:
        >>> Generator((32, 32, 3), hierarchical_z=True)(tf.zeros([2, 128])).shape
        TensorShape([2, 32, 32, 3])
    """

    def __init__(
        self, image_shape, *, hierarchical_z: bool = False, embed_z: bool = False, embed_y: bool = False, **kwargs
    ):
        super().__init__(image_shape, **kwargs)
        base.require_image_size("resnet_cifar_arch", self.image_shape, RESOLUTIONS)
        self.hierarchical_z = hierarchical_z
        self.uses_embed_z = embed_z
        self.uses_embed_y = embed_y
        self.embed_z = self.embed_y = None  # made in `build`, when z_dim is known
        self.fc_noise = self.factory.dense(4 * 4 * GENERATOR_BLOCKS[0], "fc_noise")
        self.blocks = [
            ResNetBlock(self.factory, channels, "up", name=f"B{i}") for i, channels in enumerate(GENERATOR_BLOCKS, 1)
        ]
        self.final_norm = self.factory.batch_norm("final_norm")
        self.final_conv = self.factory.conv(self.image_shape[-1], 3, "final_conv")

    def build(self, latents_shape, labels_shape=None):
        z_dim = latents_shape[-1]
        if self.hierarchical_z and z_dim % (len(self.blocks) + 1):
            raise ValueError(
                f"options.z_dim must be a multiple of {len(self.blocks) + 1} with hierarchical_z, got {z_dim}"
            )
        if self.uses_embed_z:
            self.embed_z = self.factory.dense(z_dim, "embed_z")
        if self.uses_embed_y and labels_shape is not None:
            self.embed_y = self.factory.dense(z_dim, "embed_y")
            self.embed_y.build(labels_shape)

    def call(self, latents, labels=None, training=False):
        if self.embed_z is not None:
            latents = self.embed_z(latents, training=training)
        if self.embed_y is not None and self.factory.batch_norm_fn.reads_labels:
            labels = self.embed_y(labels, training=training)
        seed, parts, part_labels = latents, [latents] * len(self.blocks), [labels] * len(self.blocks)
        if self.hierarchical_z:
            seed, *parts = tf.split(latents, len(self.blocks) + 1, axis=1)
            if labels is not None:
                part_labels = [tf.concat([part, labels], axis=1) for part in parts]
        outputs = tf.reshape(self.fc_noise(seed, training=training), [-1, 4, 4, GENERATOR_BLOCKS[0]])
        for block, part, part_label in zip(self.blocks, parts, part_labels, strict=True):
            outputs = block(outputs, part, part_label, training=training)
        outputs = tf.nn.relu(self.final_norm(outputs, latents, labels, training=training))
        return tf.sigmoid(tf.cast(self.final_conv(outputs, training=training), tf.float32))

    def get_config(self):
        own = {"hierarchical_z": self.hierarchical_z, "embed_z": self.uses_embed_z, "embed_y": self.uses_embed_y}
        return {**super().get_config(), **own}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_cifar")
class Discriminator(base.Discriminator):
    """Discriminator: (images [N, 32, 32, C], labels or None) -> `DiscriminatorOutput` with features [N, 128].

    Args:
        project_y: add the inner product of a class embedding and the features to the logits.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of another side, or project_y without labels.

    Example:
        >>> outputs = Discriminator(project_y=True)(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 128]))
    """

    def __init__(self, *, project_y: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.project_y = project_y
        self.blocks = [
            ResNetBlock(self.factory, channels, resample, name=f"B{i}")
            for i, (channels, resample) in enumerate(DISCRIMINATOR_BLOCKS, 1)
        ]
        self.final_fc = self.factory.dense(1, "disc_final_fc")
        if project_y:
            # An ordinary linear map: it starts from the network's initialiser; BigGAN's is always Glorot normal.
            self.embedding_fc = self.factory.projection(
                DISCRIMINATOR_BLOCKS[-1][0], "embedding_fc", initializer=self.settings.initializer
            )

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet_cifar_arch", images_shape[1:], RESOLUTIONS)
        base.require_labels("resnet_cifar", self.project_y, labels_shape)

    def call(self, images, labels=None, training=False):
        outputs = tf.cast(images, self.compute_dtype)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
        features = tf.reduce_mean(tf.nn.relu(outputs), axis=[1, 2])  # [N, 128]
        logits = self.final_fc(features, training=training)
        if self.project_y:
            logits += self.embedding_fc(labels, features, training=training)
        return self.output_for(logits, features)

    def get_config(self):
        return {**super().get_config(), "project_y": self.project_y}
