"""BigGAN-deep (Brock et al. 2019, appendix B) in compare_gan's version, for 32x32 to 512x512 images.

Differs from its siblings: bottleneck blocks of four convolutions whose shortcut drops or adds channels instead of
convolving them; twice as many blocks, of which every other changes the side; latents and label embedding are
concatenated once and go to the seed and to every norm; attention acts on 64x64 maps. Parameters with ch 128,
1000 classes, z_dim 128 and conditional batch norm:

    resolution  parameters G    parameters D
            32     8,447,619       1,012,033
            64    49,583,876      34,289,665
           128    50,244,484      34,590,210
           256    55,736,708      38,247,426
           512    56,019,780      38,301,122
"""

from typing import Annotated

import keras
import tensorflow as tf

from compare_gan2.architectures import base
from compare_gan2.config.declare import configurable
from compare_gan2.config.ranges import AnyOf, Size, Width
from compare_gan2.layers.resampling import mean_pool, unpool

MODULE = "compare_gan.architectures.resnet_biggan_deep"
ATTENTION_SIDE = 64

# Multiples of ch: input of the first block, then the output of each.
GENERATOR_CHANNELS = {
    32: (4,) * 8,
    64: (16, 16, 16, 16, 8, 8, 4, 4, 2),
    128: (16, 16, 16, 16, 8, 8, 4, 4, 2, 2, 1),
    256: (16, 16, 16, 16, 8, 8, 8, 8, 4, 4, 2, 2, 1),
    512: (16, 16, 16, 16, 8, 8, 8, 8, 4, 4, 2, 2, 1, 1, 1),
}
DISCRIMINATOR_CHANNELS = {
    32: (2,) * 8,
    64: (2, 4, 4, 8, 8, 16, 16, 16, 16),
    128: (1, 2, 2, 4, 4, 8, 8, 16, 16, 16, 16),
    256: (1, 2, 2, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16),
    512: (1, 1, 1, 2, 2, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16),
}


class NormedConv(keras.layers.Layer):
    """[N, H, W, in] -> [N, H', W', filters]: batch norm, ReLU, an optional change of size, convolution.

    Args:
        factory: `LayerFactory` of the network.
        filters: output channels.
        kernel_size: side of the square kernel.
        resample: "up" doubles the side, "down" halves it, None keeps it.
    """

    def __init__(self, factory, filters, kernel_size, resample=None, **kwargs):
        super().__init__(dtype=factory.dtype, **kwargs)
        self.norm = factory.batch_norm("bn")
        # "down" averages between the ReLU and the 1x1 convolution, which is the same as averaging after it.
        self.conv = factory.conv(filters, kernel_size, f"{kernel_size}x{kernel_size}_conv", resample=resample)

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        pass  # the layers build at their first call

    def call(self, inputs, latents=None, labels=None, training=False):
        outputs = tf.nn.relu(self.norm(inputs, latents, labels, training=training))
        return self.conv(outputs, training=training)


Ignored = Annotated[str, AnyOf("without effect")]


@configurable("BigGanDeepResNetBlock", module=MODULE, allowlist=[])
class BigGanDeepResNetBlock(keras.layers.Layer):
    """[N, H, W, in] -> [N, H', W', channels] by a bottleneck with max(in, channels) / 4 channels.

    Args:
        factory: `LayerFactory` of the network.
        in_channels: input channels; more than `channels` in a generator, fewer in a discriminator, or equal.
        channels: output channels.
        resample: "up" doubles the side, "down" halves it, None keeps it.
    """

    def __init__(self, factory, in_channels, channels, resample, **kwargs):
        super().__init__(dtype=factory.dtype, **kwargs)
        inner = max(in_channels, channels) // 4
        self.channels = channels
        self.resample = resample
        self.convs = [
            NormedConv(factory, inner, 1, name="conv1"),
            NormedConv(factory, inner, 3, "up" if resample == "up" else None, name="conv2"),
            NormedConv(factory, inner, 3, name="conv3"),
            NormedConv(factory, channels, 1, "down" if resample == "down" else None, name="conv4"),
        ]
        self.shortcut = AddedChannels(factory, channels, name="shortcut") if in_channels < channels else None

    def build(self, inputs_shape, latents_shape=None, labels_shape=None):
        pass  # the layers build at their first call

    def call(self, inputs, latents=None, labels=None, training=False):
        outputs = inputs
        for conv in self.convs:
            outputs = conv(outputs, latents, labels, training=training)
        shortcut = inputs[..., : self.channels]
        if self.resample is not None:
            shortcut = unpool(shortcut) if self.resample == "up" else mean_pool(shortcut)
        if self.shortcut is not None:
            shortcut = self.shortcut(shortcut, training=training)
        return outputs + shortcut


class AddedChannels(keras.layers.Layer):
    """[N, H, W, in] -> [N, H, W, channels]: the inputs, then a 1x1 convolution of them with the missing channels."""

    def __init__(self, factory, channels, **kwargs):
        super().__init__(dtype=factory.dtype, **kwargs)
        self.factory = factory
        self.channels = channels

    def build(self, input_shape):
        self.conv = self.factory.conv(self.channels - input_shape[-1], 1, "add_channels")
        self.conv.build(input_shape)

    def call(self, inputs, training=False):
        return tf.concat([inputs, self.conv(inputs, training=training)], axis=-1)


@configurable("Generator", module=MODULE, denylist=["image_shape", "settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_biggan_deep")
class Generator(base.Generator):
    """BigGAN-deep's generator: (latents [N, z_dim], labels [N, num_classes] or None) -> images [N, H, H, C].

    Images are (tanh + 1) / 2 of the last layer.

    Args:
        image_shape: (H, H, channels) with H in 32, 64, 128, 256, 512.
        ch: width; all channel counts are multiples of it.
        embed_y: pass the labels through a linear map first, which all norms share.
        embed_y_dim: size of that label embedding.
        experimental_fast_conv_to_rgb: the last convolution has 128 output channels, of which the first are the image.
        **kwargs: arguments of `base.Generator`.

    Raises:
        ValueError: for another image shape.

    Example:
        >>> Generator((32, 32, 3), ch=4)(tf.zeros([2, 128]), tf.one_hot([0, 7], 10)).shape
        TensorShape([2, 32, 32, 3])
    """

    def __init__(
        self,
        image_shape,
        *,
        ch: Width = 128,
        embed_y: bool = True,
        embed_y_dim: Size = 128,
        experimental_fast_conv_to_rgb: bool = False,
        **kwargs,
    ):
        super().__init__(image_shape, **kwargs)
        base.require_image_size("resnet_biggan_deep_arch", self.image_shape, GENERATOR_CHANNELS)
        self.options = {
            "ch": ch,
            "embed_y": embed_y,
            "embed_y_dim": embed_y_dim,
            "experimental_fast_conv_to_rgb": experimental_fast_conv_to_rgb,
        }
        widths = [ch * multiple for multiple in GENERATOR_CHANNELS[self.image_shape[0]]]
        self.seed_channels = widths[0]
        self.embed_y = self.factory.dense(embed_y_dim, "embed_y", spectral_norm=False, use_bias=False)
        self.fc_noise = self.factory.dense(4 * 4 * widths[0], "fc_noise")
        self.blocks = [
            BigGanDeepResNetBlock(self.factory, incoming, channels, None if i % 2 else "up", name=f"B{i}")
            for i, (incoming, channels) in enumerate(zip(widths, widths[1:], strict=False), 1)
        ]
        self.attention = self.factory.attention()
        self.final_norm = self.factory.plain_batch_norm("final_norm")
        colors = 128 if experimental_fast_conv_to_rgb else self.image_shape[-1]
        self.final_conv = self.factory.conv(colors, 3, "final_conv")

    def call(self, latents, labels=None, training=False):
        if labels is not None:
            if self.options["embed_y"]:
                labels = self.embed_y(labels, training=training)
            latents = labels = tf.concat([latents, labels], axis=1)
        outputs = tf.reshape(self.fc_noise(latents, training=training), [-1, 4, 4, self.seed_channels])
        for block in self.blocks:
            outputs = block(outputs, latents, labels, training=training)
            if block.resample == "up" and outputs.shape[1] == ATTENTION_SIDE:
                outputs = self.attention(outputs, training=training)
        outputs = tf.nn.relu(self.final_norm(outputs, training=training))
        outputs = self.final_conv(outputs, training=training)[..., : self.image_shape[-1]]
        return (tf.tanh(tf.cast(outputs, tf.float32)) + 1.0) / 2.0

    def get_config(self):
        return {**super().get_config(), **self.options}


@configurable("Discriminator", module=MODULE, denylist=["settings"])
@keras.saving.register_keras_serializable("compare_gan2.resnet_biggan_deep")
class Discriminator(base.Discriminator):
    """BigGAN-deep's discriminator: (images [N, H, H, C], labels or None) -> `DiscriminatorOutput`.

    Features are [N, last multiple * ch], summed over positions.

    Args:
        ch: width; all channel counts are multiples of it.
        blocks_with_attention: accepted for old files and without effect, as in the original.
        project_y: add the inner product of a class embedding and the features to the logits.
        **kwargs: arguments of `base.Discriminator`.

    Raises:
        ValueError: for images of another side, or project_y without labels.

    Example:
        >>> outputs = Discriminator(ch=4)(tf.zeros([2, 32, 32, 3]), tf.one_hot([0, 7], 10))
        >>> outputs.logits.shape, outputs.features.shape
        (TensorShape([2, 1]), TensorShape([2, 8]))
    """

    def __init__(self, *, ch: Width = 128, blocks_with_attention: Ignored = "B1", project_y: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.ch = ch
        self.blocks_with_attention = blocks_with_attention
        self.project_y = project_y
        self.blocks = []  # made in `build`, when the resolution is known

    def build(self, images_shape, labels_shape=None):
        base.require_image_size("resnet_biggan_deep_arch", images_shape[1:], DISCRIMINATOR_CHANNELS)
        base.require_labels("resnet_biggan_deep", self.project_y, labels_shape)
        widths = [self.ch * multiple for multiple in DISCRIMINATOR_CHANNELS[images_shape[1]]]
        self.initial_conv = self.factory.conv(widths[0], 3, "initial_conv")
        self.blocks = [
            BigGanDeepResNetBlock(self.factory, incoming, channels, "down" if i % 2 else None, name=f"B{i}")
            for i, (incoming, channels) in enumerate(zip(widths, widths[1:], strict=False), 1)
        ]
        self.attention = self.factory.attention()
        self.final_fc = self.factory.dense(1, "final_fc")
        if self.project_y:
            self.embedding_fc = self.factory.projection(widths[-1], "embedding_fc")

    def call(self, images, labels=None, training=False):
        outputs = self.initial_conv(images, training=training)
        for block in self.blocks:
            outputs = block(outputs, None, labels, training=training)
            if block.resample is None and outputs.shape[1] == ATTENTION_SIDE:
                outputs = self.attention(outputs, training=training)
        features = tf.reduce_sum(tf.nn.relu(outputs), axis=[1, 2])  # [N, F]
        logits = self.final_fc(features, training=training)
        if self.project_y:
            logits += self.embedding_fc(labels, features, training=training)
        return self.output_for(logits, features)

    def get_config(self):
        own = {"ch": self.ch, "blocks_with_attention": self.blocks_with_attention, "project_y": self.project_y}
        return {**super().get_config(), **own}
